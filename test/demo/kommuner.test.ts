import t from 'tap';
import { KOMMUNER, syntheticOrgnr } from '#demo';
import { isFault, parseKommunenummer, parseOrgnr } from '#domain';

t.test('there are 357 kommuner in 15 fylker, each number once and valid', async (t) => {
  t.equal(KOMMUNER.length, 357);
  t.equal(new Set(KOMMUNER.map(({ kommunenummer }) => kommunenummer)).size, 357);
  t.equal(new Set(KOMMUNER.map(({ orgnr }) => orgnr)).size, 357);
  t.equal(new Set(KOMMUNER.map(({ kommunenummer }) => kommunenummer.slice(0, 2))).size, 15);
  t.notOk(KOMMUNER.some(({ orgnr, kommunenummer }) => isFault(parseOrgnr(orgnr)) || isFault(parseKommunenummer(kommunenummer))));
});

t.test('known kommuner have their known organisation numbers', async (t) => {
  const known = [
    ['0301', '958935420', 'Oslo'],
    ['1103', '964965226', 'Stavanger'],
    ['1508', '929911709', 'Ålesund'],
    ['1580', '829912252', 'Haram'],
    ['3201', '935478715', 'Bærum'],
    ['3301', '921234554', 'Drammen'],
    ['3911', '817263992', 'Færder'],
    ['4601', '964338531', 'Bergen'],
    ['5001', '942110464', 'Trondheim'],
    ['5501', '940101808', 'Tromsø'],
    ['5636', '839953062', 'Nesseby'],
    ['1515', '964978840', 'Herøy'],
    ['1818', '872417982', 'Herøy'],
    ['3114', '959272581', 'Våler'],
    ['3419', '871034222', 'Våler'],
  ];
  for (const [number, orgnr, name] of known) {
    t.match(
      KOMMUNER.find(({ kommunenummer }) => kommunenummer === number),
      { orgnr, name },
    );
  }
});

t.test('a kommune with several official languages keeps all its names', async (t) => {
  t.match(
    KOMMUNER.find(({ name }) => name === 'Karasjok'),
    { kommunenummer: '5610', officialName: 'Kárášjohka - Karasjok' },
  );
});

t.test('every organisation number of a kommune is real, a synthetic one is valid and begins with 3', async (t) => {
  t.ok(KOMMUNER.every(({ orgnr }) => /^[89]/.test(orgnr)));
  const synthetic = syntheticOrgnr('Eksempel AS');
  t.match(synthetic, /^3/);
  t.notOk(isFault(parseOrgnr(synthetic)));
});
