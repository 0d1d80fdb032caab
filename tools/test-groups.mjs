// Which files of tests share a process: neighbours, so that what one has loaded and compiled is there for the next.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** So long a group takes at most, unless one file does: two cores have to share them at the end. */
const LONGEST_SECONDS = 100;
/** A file that says so in its first lines, and why, is in a process of its own: it measures or changes what all of a process share. */
const ALONE = /^\/\/ Alone: ./m;

/** @param secondsOf how long a file is expected to take */
export function groupsOf(files, { root, secondsOf }) {
  const groups = [];
  let open = { seconds: Number.POSITIVE_INFINITY };
  for (const file of [...files].sort()) {
    if (isAlone(join(root, file))) {
      groups.push([file]);
      continue;
    }
    const seconds = secondsOf(file);
    if (open.seconds + seconds > LONGEST_SECONDS) {
      open = { seconds: 0, files: [] };
      groups.push(open.files);
    }
    open.files.push(file);
    open.seconds += seconds;
  }
  return groups;
}

function isAlone(path) {
  return ALONE.test(readFileSync(path, 'utf8').slice(0, 400));
}
