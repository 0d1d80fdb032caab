// Clients of OPA that others have made, unchanged: only the address and the bearer header are ours. Takes about 4 s.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { OPAClient } from '@open-policy-agent/opa';
import t from 'tap';
import { runGateway } from '../../fixtures/gateway.js';
import { opaBundles } from './bundles.js';

const PYTHON = '.tools/opa-python-client/python';
const gateway = await runGateway(t, { accessBundles: opaBundles(t), opaDefaultDecision: 'authz/allow' });
const { appId, brukerIdent } = gateway.world.first;
const token = await gateway.tokenOf({ client: 'fhi' });
const question = (id: string) => ({
  subject: { type: 'person', id },
  action: { name: 'use' },
  resource: { type: 'application', id: appId },
});

/** The code under a heading of the README of the official client. */
function exampleOf(heading: string): string {
  const readme = readFileSync('node_modules/@open-policy-agent/opa/README.md', 'utf8');
  const [, code] = new RegExp(`^### ${heading}\\n[^]*?\`\`\`ts\\n([^]*?)\`\`\``, 'm').exec(readme) ?? [];
  if (code === undefined) throw new TypeError(`the README has no example ${heading}`);
  return code;
}

/** Runs an example with the address changed, and the header that brings a token; answers what it prints. */
async function printedBy(example: string): Promise<readonly unknown[]> {
  const printed: unknown[] = [];
  const code = example
    .replace(/^import .*$/m, '')
    .replace('http://localhost:8181', gateway.origin)
    .replace('new OPAClient(serverURL)', 'new OPAClient(serverURL, { headers })');
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  const headers = { Authorization: `Bearer ${token}` };
  await new AsyncFunction('OPAClient', 'headers', 'console', code)(OPAClient, headers, { log: (text: unknown) => printed.push(text) });
  return printed;
}

t.test('the examples of the official client’s README run with nothing changed but the address', async (t) => {
  t.same(await printedBy(exampleOf('Simple Query')), ['denied!']);
  t.same(await printedBy(exampleOf('Input')), ['allowed!']);
  t.same(await printedBy(exampleOf('Default Rule with Input')), ['allowed!']);
  t.same(await printedBy(exampleOf('Batched Queries')), ['alice: allowed!', 'bob: denied!']);
});

t.test('the official client asks about grants that are kept here, and is told of faults in its own types', async (t) => {
  const opa = new OPAClient(gateway.origin, { headers: { Authorization: `Bearer ${token}` } });
  t.same(await opa.evaluate('tilgang/decision', question(brukerIdent)), { decision: true });
  t.same(await opa.evaluate('tilgang/decision', question('nobody')), { decision: false });
  t.same(await opa.evaluate('tilgang/decision', question(brukerIdent), { fromResult: (r) => (r as { decision: boolean }).decision }), true);
  const mixed = await opa.evaluateBatch('tilgang/decision', { good: question(brukerIdent), bad: { subject: 1 } });
  t.match(mixed, { good: { decision: true }, bad: { code: 'invalid_parameter', httpStatusCode: '500' } });
  t.equal(await opa.evaluate('theirs/allow'), undefined, 'what is for others looks like what is not there');
  t.equal(await opa.evaluate('nowhere/allow'), undefined);
  await t.rejects(opa.evaluate('tilgang/decision', { subject: 1 }), { name: 'ClientError', code: 'invalid_parameter' } as never);
  await t.rejects(new OPAClient(gateway.origin).evaluate('authz/allow'), 'without a token');
  await t.rejects(opa.getFilters('authz/allow', {}, { target: 'postgresql' }), 'rules are not evaluated in part');
});

const SCRIPT = `
import json, os
from opa_client.opa import OpaClient
client = OpaClient(host="127.0.0.1", port=int(os.environ["PORT"]), token=os.environ["TOKEN"], timeout=30)
told = {"health": client.check_health()}
told["alice"] = client.query_rule(input_data={"subject": "alice"}, package_path="authz", rule_name="allow", query_params={"pretty": True, "metrics": True})
told["grant"] = client.query_rule(input_data=json.loads(os.environ["QUESTION"]), package_path="tilgang", rule_name="decision")
told["none"] = client.query_rule(input_data={}, package_path="nowhere")
for name, work in {
    "query": lambda: client.ad_hoc_query(query="data.authz.allow"),
    "policy": lambda: client.update_policy_from_string("package x", "x"),
    "data": lambda: client.update_or_create_data({}, "x"),
}.items():
    try:
        told[name] = str(work())
    except Exception as error:
        told[name] = type(error).__name__
print(json.dumps(told))
`;

const skip = existsSync(PYTHON) ? false : 'opa-python-client is not installed: `make opa-python-client` does it, and needs Python 3.11';

t.test('opa-python-client asks as it asks OPA, and changes nothing', { skip }, async (t) => {
  const env = {
    PORT: new URL(gateway.origin).port,
    TOKEN: token,
    QUESTION: JSON.stringify(question(brukerIdent)),
    PATH: process.env['PATH'],
  };
  // In a process of its own: this one is the gateway.
  const { stdout } = await promisify(execFile)(PYTHON, ['-c', SCRIPT], { env, timeout: 60_000 });
  t.match(JSON.parse(stdout), {
    health: true,
    alice: { result: true, metrics: { timer_server_handler_ns: Number } },
    grant: { result: { decision: true } },
    none: { result: undefined, decision_id: String },
    query: /Error/,
    policy: /Error/,
    data: /Error/,
  });
});
