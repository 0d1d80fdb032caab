import t from 'tap';
import { demoFaces, demoWorld } from '#demo';
import { isSynthetic, toInstant } from '#domain';
import { pagesOf, TestPersons } from '#idporten';

const faces = demoFaces(demoWorld(toInstant(0)));
const persons = new TestPersons(faces);

t.test('everybody in the demo world can be chosen, each by a name and an id of its own that say nothing of the number', async (t) => {
  t.equal(faces.length, 310);
  t.equal(new Set(faces.map(({ name }) => name)).size, 310);
  t.equal(new Set(faces.map(({ id }) => id)).size, 310);
  t.ok(faces.every(({ id, number }) => isSynthetic(number) && !id.includes(number)));
});

t.test('a search finds by every word of name, role and organisation, however they are written', async (t) => {
  const found = (words: string, page = 1) => persons.search(words, page);
  t.same(
    found('OSLO  tilgangsadmin').persons.map(({ id }) => id),
    ['oslo-tilgang'],
  );
  t.equal(found('bjørk').total, 16);
  t.equal(found('nobody at all').total, 0);
  t.match(pagesOf(found('', 3)), { page: 3, pages: 16 });
  t.match(pagesOf(found('', 99)), { page: 16 });
  t.match(pagesOf(found('', Number.NaN)), { page: 1 });
  t.equal(found(faces[0]?.number ?? '').total, 0, 'and not by number');
});

t.test('a login hint of ID-porten’s tests goes to its person, at its level', async (t) => {
  const { number = '', id = '' } = faces[9] ?? {};
  t.match(persons.hinted(`testid:${number}_idporten-loa-substantial`), { person: { id }, acr: 'idporten-loa-substantial' });
  t.match(persons.hinted(`testid:${id}_Level4`), { acr: 'idporten-loa-high' });
  t.match(persons.hinted(`testid:${number}`), { acr: 'idporten-loa-high' });
  t.equal(persons.hinted(`testid:${number}_best`), 'unknown');
  t.equal(persons.hinted('testid:nobody_idporten-loa-high'), 'unknown');
  t.equal(persons.hinted('somebody@example.no'), undefined);
  t.equal(persons.hinted(undefined), undefined);
});
