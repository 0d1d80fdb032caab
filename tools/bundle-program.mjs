// Puts what the compiler has written together into a few files, dist/program: Node.js looks up, reads and links each module by itself, and for the eleven hundred
// of a gateway that was most of a start. Packages stay where they are; what is loaded when it is needed is loaded when it is needed here too.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { dependencies, imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const outdir = join(root, 'dist/program');
/** Beside each other before and after, so that each finds the other. */
const ENTRIES = ['main.js', 'worker.js'].map((name) => join(root, 'dist', name));

const places = {
  name: 'where a module is',
  setup(bundle) {
    bundle.onResolve({ filter: /^#/ }, ({ path }) => ({ path: join(root, imports[path]) }));
    // What it reads from beside itself, or runs in a thread, is still there.
    bundle.onLoad({ filter: /\.js$/ }, ({ path }) => {
      const here = JSON.stringify(relative(outdir, path).replaceAll('\\', '/'));
      const text = readFileSync(path, 'utf8');
      return ENTRIES.includes(path)
        ? undefined
        : { contents: text.replaceAll('import.meta.url', `new URL(${here}, import.meta.url).href`), resolveDir: dirname(path) };
    });
  },
};

// What an earlier build has written stays, named by what is in it: a gateway that runs may still load it.
await build({
  absWorkingDir: root,
  entryPoints: ENTRIES,
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: Object.keys(dependencies),
  plugins: [places],
  logLevel: 'warning',
});
