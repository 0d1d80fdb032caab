import t from 'tap';
import { readAnswerDescription } from '../../fixtures/described-answers.js';
import { type Answer, runGateway } from '../../fixtures/gateway.js';
import { DIBK, FHI, keeperOf, maskinportenSide, OSLO } from '../../fixtures/maskinporten.js';

t.setTimeout(120_000);

const described = readAnswerDescription('src/http/maskinporten/selfservice/openapi.yaml');
const fhi = keeperOf(FHI);
const dibk = keeperOf(DIBK);
const oslo = keeperOf(OSLO);
const scope = (name: string): string => `/scopes?scope=${encodeURIComponent(name)}`;
const access = (consumer: string, name: string): string => `/scopes/access/${consumer}?scope=${encodeURIComponent(name)}`;
const namesIn = ({ json }: Answer): readonly string[] => (json as { name: string }[]).map(({ name }) => name);
const fieldsIn = ({ json }: Answer): readonly string[] => json.errors.map((one: { fieldIdentifier: string }) => one.fieldIdentifier);

t.test('a provider keeps its scopes and says who has them', async (t) => {
  const gateway = await runGateway(t, { refusalsPerMinute: 1e6 });
  const { send, parts, operator } = await maskinportenSide(t, gateway);
  const made = await send(fhi, 'POST', '/scopes', { prefix: 'fhi', subscope: 'vaksine/oversikt.read', description: 'Lese vaksiner' });
  if (made.status !== 200) console.error(gateway.lines.join(''));

  await t.test('a new scope is answered whole, with what it has by itself', async (t) => {
    t.equal(made.status, 200, made.text);
    t.equal(described.faultsOf('createScope', made), '');
    t.match(made.json, {
      name: 'fhi:vaksine/oversikt.read',
      visibility: 'PUBLIC',
      token_type: 'SELF_CONTAINED',
      at_max_age: 0,
      allowed_integration_types: [],
      active: true,
      owner_orgno: FHI,
      owner_organization_name: /\S/,
    });
    t.equal(made.headers.get('etag'), '"1"');
    const read = await send(fhi, 'GET', `/scopes/scope?scope=${encodeURIComponent(made.json.name)}`);
    t.same([read.status, read.json], [200, made.json]);
    t.ok(namesIn(await send(null, 'GET', '/scopes/all')).includes(made.json.name), 'and everybody sees that it is there');
  });
});
