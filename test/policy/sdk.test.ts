import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import * as opaWasm from '@open-policy-agent/opa-wasm';
import t from 'tap';
import { loadBundle } from '#policy';
import { askers, questions } from './world.js';

t.test("the engine answers as OPA's SDK for JavaScript does by itself", async (t) => {
  const tarball = await readFile(new URL('../../bundles/tilgang.tar.gz', import.meta.url));
  const bundle = await loadBundle(tarball);
  const sdk = await opaWasm.loadPolicy(wasmOf(gunzipSync(tarball)));
  for (const [i, input] of [...questions(11, 200), ...askers(11, 200)].entries()) {
    for (const entrypoint of bundle.entrypoints) {
      const [{ result } = { result: undefined }] = sdk.evaluate(input, entrypoint) as { result: unknown }[];
      if (!t.same(bundle.evaluate(entrypoint, input), result, `${entrypoint} of question ${i}`)) return;
    }
  }
});

/** The member `/policy.wasm` of a tar archive (POSIX ustar: blocks of 512 bytes). */
function wasmOf(tar: Buffer): Buffer {
  for (let at = 0; at < tar.length; ) {
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8) || 0;
    if (tar.toString('latin1', at, at + 100).startsWith('/policy.wasm\0')) return tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error('the bundle has no policy.wasm');
}
