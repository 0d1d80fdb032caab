import t from 'tap';
import { isFault } from '#domain';
import { makeLogoSafe } from '#images';

/** Within every limit, and dear all the same. */
const DEAR = Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg">${'<path d="M0 0h1" style="fill:url(#g)" class="a b c"/>'.repeat(1900)}</svg>`,
);
const PLAIN = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9z"/></svg>');

t.test('others go on while a picture is cleaned (threat 50)', async (t) => {
  await makeLogoSafe(PLAIN, 'image/svg+xml');
  let turns = 0;
  const watch = setInterval(() => {
    turns += 1;
  }, 1);
  const cleaned = await makeLogoSafe(DEAR, 'image/svg+xml').finally(() => clearInterval(watch));
  t.notOk(isFault(cleaned), isFault(cleaned) ? cleaned.detail : 'it is cleaned');
  t.ok(turns > 10, `${turns} turns of the loop meanwhile`);
});

t.test('a picture that takes too long is refused, and the next one is cleaned', async (t) => {
  const answer = await makeLogoSafe(DEAR, 'image/svg+xml', 1);
  t.match(isFault(answer) && answer.detail, 'make it simpler');
  const next = await makeLogoSafe(PLAIN, 'image/svg+xml');
  t.match(isFault(next) ? next.detail : next.bytes.toString(), /<path/);
});
