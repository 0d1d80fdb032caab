// Which files of tests share a process: neighbours, so that what one has loaded and compiled is there for the next.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * How long a group takes at most, unless one file does: a third of all that is left, since each costs five seconds to begin and three run at once; the last
 * ones less, since they have to be shared at the end.
 */
const LONGEST_SECONDS = { first: 300, last: 80 };
/** The same where all is on MongoDB: databases go with their group, and the server for tests becomes slower with each. */
export const LONGEST_ON_MONGODB = { first: 30, last: 30 };
/** A file that says so in its first lines, and why, is in a process of its own: it measures or changes what all of a process share. */
const ALONE = /^\/\/ Alone: ./m;

/** @param secondsOf how long a file is expected to take @param longest how long a group is to take */
export function groupsOf(files, { root, secondsOf, longest = LONGEST_SECONDS }) {
  const alone = new Set(files.filter((file) => isAlone(join(root, file))));
  const together = files
    .filter((file) => !alone.has(file))
    .sort()
    .map((file) => ({ file, seconds: secondsOf(file) }));
  const groups = [...alone].map((file) => [file]);
  let left = together.reduce((sum, { seconds }) => sum + seconds, 0);
  let room = 0;
  for (const { file, seconds } of together) {
    if (seconds > room) {
      room = Math.min(Math.max(left / 3, longest.last), longest.first);
      groups.push([]);
    }
    groups.at(-1).push(file);
    room -= seconds;
    left -= seconds;
  }
  return groups;
}

function isAlone(path) {
  return ALONE.test(readFileSync(path, 'utf8').slice(0, 400));
}
