import t from 'tap';
import { assertCallersPossible, loadConfig } from '#config';
import type { ProblemError } from '#problem';

/** The keys that a configuration is refused for. */
function refused(environment: Record<string, string>): string[] {
  try {
    assertCallersPossible(loadConfig(environment));
  } catch (error) {
    return (error as ProblemError).at.map(({ pointer }) => pointer);
  }
  return [];
}

const PRODUCTION = {
  TILGANG_MODE: 'production',
  TILGANG_PUBLIC_URL: 'https://tilgang.example.no',
  TILGANG_MASKINPORTEN: 'on',
  TILGANG_IDPORTEN: 'on',
};
const UPSTREAM = {
  TILGANG_EID_ISSUER: 'https://idporten.no',
  TILGANG_EID_CLIENT_ID: 'ours',
  TILGANG_EID_CLIENT_KEY_FILE: '/etc/tilgang/eid.pem',
};

t.test('in production nobody chooses an invented person: without a provider upstream it does not start', async (t) => {
  t.same(refused(PRODUCTION), ['/eidIssuer']);
  t.same(refused({ ...PRODUCTION, ...UPSTREAM }), []);
  t.same(refused({ TILGANG_MODE: 'demo' }), [], 'a demo does');
});

t.test('a provider upstream is named whole, by a URL that nobody reads on the way', async (t) => {
  const with_ = (more: Record<string, string>) => refused({ ...PRODUCTION, ...UPSTREAM, ...more });
  t.same(with_({ TILGANG_EID_ISSUER: 'http://idporten.no' }), ['/eidIssuer']);
  t.same(with_({ TILGANG_EID_ISSUER: 'https://idporten.no?x' }), ['/eidIssuer']);
  t.same(with_({ TILGANG_EID_ISSUER: 'http://127.0.0.1:9000' }), []);
  t.same(with_({ TILGANG_EID_CLIENT_SECRET_FILE: '/etc/tilgang/secret' }), ['/eidClientKeyFile'], 'one way to show who we are');
  t.same(with_({ TILGANG_EID_SCOPES: 'profile' }), ['/eidScopes']);
  t.same(refused({ TILGANG_MODE: 'demo', TILGANG_EID_CLIENT_ID: 'ours' }), ['/eidClientId']);
});

t.test('what an acr means is written down, as one of our levels', async (t) => {
  t.same(refused({ TILGANG_MODE: 'demo', TILGANG_EID_LEVELS: 'urn:a=idporten-loa-high,urn:b=best' }), ['/eidLevels']);
  const { eidLevels, eidMethods } = loadConfig({ TILGANG_EID_LEVELS: 'urn:x=y=idporten-loa-high', TILGANG_EID_METHODS: 'bid=BankID' });
  t.same(eidLevels, [['urn:x=y', 'idporten-loa-high']]);
  t.same(eidMethods, [['bid', 'BankID']]);
  t.equal(loadConfig({}).eidLevels.find(([name]) => name === 'Level3')?.[1], 'idporten-loa-substantial');
});
