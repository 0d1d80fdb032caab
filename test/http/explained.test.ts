import t from 'tap';
import { runGateway } from '../fixtures/gateway.js';

t.test('both administration APIs explain a decision, in the language that is asked for, and only what the asker may know', async (t) => {
  const gateway = await runGateway(t, { lookUpsPerMinute: 7 });
  const { appId } = gateway.world.first;
  const oslo = gateway.world.organisations.find(({ kommunenummer }) => kommunenummer === '0301')?.orgnr as string;
  const { brukerIdent } = gateway.world.first;
  const given = `/konsument-bruker/api/v1/organisasjoner/${oslo}/applikasjoner/${appId}/brukere`;
  t.equal((await gateway.send({ person: 'oslo-leder' }, 'POST', given, { brukerIdent })).status, 201);
  const office = `/konsument-bruker/api/v1/organisasjoner/${oslo}/applikasjoner/${appId}/forklaring`;
  const tilbyder = `/leverandor-tjenester/api/v1/applikasjoner/${appId}/forklaring`;
  const asLeader = (query: string, accept?: string, more: object = {}) =>
    gateway.send(
      { person: 'oslo-leder' },
      'POST',
      office + query,
      { brukerIdent, ...more },
      accept === undefined ? {} : { 'Accept-Language': accept },
    );

  for (const [query, accept, language, text] of [
    ['', undefined, 'nb', /gjelder nå/],
    ['', 'nn-NO, en;q=0.5', 'nn', /gjeld no/],
    ['', 'no, en;q=0.5', 'nb', /gjelder nå/],
    ['?sprak=en', 'nn', 'en', /in force/],
    ['', 'de', 'nb', /gjelder nå/],
  ] as const) {
    const { status, headers, json } = await asLeader(query, accept);
    t.match({ status, language: headers.get('Content-Language') }, { status: 200, language }, `${query} ${accept}`);
    t.match(json.avgjorelser[0].grunner[0].tekst, text);
    t.match(json, { appId, rolle: 'use', avgjorelser: [{ orgnr: oslo, regler: [{ kilde: 'standard' }], tilgangsrevisjon: Number }] });
  }
  const strange = await asLeader('?sprak=de');
  t.match(strange, { status: 400, json: { errors: [{ parameter: 'sprak' }] } });
  t.match(await asLeader('', undefined, { rolle: 'nope', sikkerhetsniva: 'lavt' }), {
    json: { rolle: 'nope', sikkerhetsniva: 'lavt', avgjorelser: [{ tillatt: false }] },
  });
  const told = await gateway.send({ client: 'fhi' }, 'POST', tilbyder, { brukerIdent, orgnr: oslo });
  t.match(told, { status: 200, json: { avgjorelser: [{ orgnr: oslo }] } });
  t.notOk('tilgangsrevisjon' in told.json.avgjorelser[0]);
  t.match(await gateway.send({ client: 'fhi' }, 'POST', tilbyder, { brukerIdent, orgnr: '000000000' }), {
    status: 400,
    json: { errors: [{ pointer: '/orgnr' }] },
  });
  t.notMatch(JSON.stringify([gateway.lines, told.json]), new RegExp(brukerIdent), 'no person number is logged or answered');
  t.equal((await asLeader('')).status, 200);
  t.equal((await asLeader('')).status, 429, 'they are look-ups, of which there are so many in a minute');
});
