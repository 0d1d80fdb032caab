import type { PersonNumber } from '#domain';
import type { DemoWorld } from './world.js';

/** Somebody of the demo world, as whoever chooses a person to log in as is told of it. */
export interface DemoFace {
  /** As DemoPerson and DemoAdministrator have it. */
  readonly id: string;
  /** Of a kind that nobody is given, as those of the synthetic persons of Tenor. */
  readonly name: string;
  readonly number: PersonNumber;
  /** What an administrator is, and where. */
  readonly about?: { readonly role: string; readonly organisation: string };
}

const FIRST =
  'Blid Rask Stille Varm Klok Lun Modig Munter Nysgjerrig Rolig Sindig Snill Spenstig Trygg Vennlig Våken Øm Ærlig Frisk Glad'.split(' ');
const LAST = 'Bjørk Bekk Fjell Fjord Gran Hegre Kvist Lerke Lyng Måke Myr Nype Orre Rev Sisik Stein Tind Tjern Trost Ull'.split(' ');

/** Everybody in the demo world, administrators first; no two have a name in common. */
export function demoFaces({ persons, administrators, organisations }: DemoWorld): readonly DemoFace[] {
  const names = new Map(organisations.map(({ orgnr, name }) => [orgnr, name]));
  const known = administrators.map(({ id, brukerIdent, orgnr, roles }, index) => ({
    id,
    name: nameOf(persons.length + index),
    number: brukerIdent,
    about: { role: roles.join(', '), organisation: names.get(orgnr) ?? orgnr },
  }));
  return [...known, ...persons.map(({ id, brukerIdent }, index) => ({ id, name: nameOf(index), number: brukerIdent }))];
}

/** Each first name comes round with the next last one. */
function nameOf(index: number): string {
  const round = Math.floor(index / FIRST.length);
  if (round >= LAST.length) throw new TypeError('there are no more names');
  return `${FIRST[index % FIRST.length]} ${LAST[(index + round) % LAST.length]}`;
}
