// Lints deploy/ with the tools that tools/install-deploy-linters.sh has put into .tools; of hadolint and systemd-analyze it says if they are not on PATH.
// What can be told without a tool is told by test/deploy.test.ts.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../dist/config/index.js';
import { loadYaml } from '../dist/settings/index.js';
import { runProgram } from './side-by-side.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.env.PATH = [join(root, '.tools/deploy-linters/bin'), process.env.PATH].join(delimiter);
const { parseAllDocuments } = loadYaml();
const chart = 'deploy/helm/tilgang';
const scratch = mkdtempSync(join(tmpdir(), 'lint-deploy-'));
/** The program that is built with Go says that the cluster is ancient unless it is told. */
const render = ['template', 'tilgang', chart, '--namespace', 'tilgang', '--kube-version', '1.34.0', '--values', 'deploy/helm/example.yaml'];
/** Of kube-score: pinned tags need no Always; a CPU limit holds a gateway up; spread by topologySpreadConstraints. */
const NOT_SCORED = ['container-image-pull-policy', 'deployment-has-host-podantiaffinity'];

/** What the program writes. @throws Error with its words if it ends with another code than 0 */
async function run(program, ...args) {
  const { code, stdout, stderr } = await runProgram(program, args, { cwd: root });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

async function isOnPath(program) {
  return (await runProgram('which', [program], { cwd: root })).code === 0;
}

function written(name, text) {
  const file = join(scratch, name);
  writeFileSync(file, text);
  return file;
}

/** What the pods would be started with is a configuration that the gateway takes. */
function assertLoads(rendered) {
  const deployment = parseAllDocuments(rendered)
    .map((document) => document.toJS())
    .find((one) => one?.kind === 'Deployment');
  const { env } = deployment.spec.template.spec.containers[0];
  const variables = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  const config = loadConfig({ ...variables, TILGANG_CONFIG: written('tilgang.yaml', 'mongodbUri: mongodb://db.example.no/tilgang\n') });
  const graceSeconds = deployment.spec.template.spec.terminationGracePeriodSeconds;
  if (graceSeconds * 1000 <= config.stopDelayMs + config.stopTimeoutMs) throw new Error('terminationGracePeriodSeconds is too short');
}

async function lintHelm() {
  await run('helm', 'lint', chart, '--strict', '--values', 'deploy/helm/example.yaml');
  for (const more of [
    [],
    ['--set', 'autoscaling.enabled=true'],
    ['--set', 'config.stopTimeoutMs=60000,image.tag=v1,networkPolicy.mongodbPort=27018'],
  ]) {
    const rendered = await run('helm', ...render, ...more);
    const file = written('rendered.yaml', rendered);
    for (const version of ['1.31', '1.37']) await run('kubernetes-validate', '--strict', '--quiet', '-k', version, file);
    await run(
      'kube-score',
      'score',
      '--exit-one-on-warning',
      '--ignore-container-cpu-limit',
      ...NOT_SCORED.flatMap((test) => ['--ignore-test', test]),
      file,
    );
    assertLoads(rendered);
  }
}

async function lintCompose() {
  const domainGiven = readFileSync(join(root, 'deploy/compose/compose.yaml'), 'utf8').replace(
    /\$\{TILGANG_DOMAIN[^}]*\}/g,
    'tilgang.example.no',
  );
  await run('compose-spec', '-no-path-resolution', written('compose.yaml', domainGiven));
}

async function lintProxy() {
  await run('caddy', 'fmt', '--diff', 'deploy/compose/Caddyfile');
  Object.assign(process.env, { TILGANG_SITE: 'tilgang.example.no', TILGANG_GATEWAYS: 'gateway-1:8080 gateway-2:8080' });
  await run('caddy', 'validate', '--config', 'deploy/compose/Caddyfile', '--adapter', 'caddyfile');
}

async function lintUnit() {
  await run('systemd-analyze', 'verify', 'deploy/systemd/tilgang.service');
  // Tenths of its exposure level.
  await run('systemd-analyze', 'security', '--offline=true', '--threshold=15', 'deploy/systemd/tilgang.service');
}

const lints = [
  { name: 'helm, kubernetes-validate, kube-score', lint: lintHelm },
  { name: 'compose-go', lint: lintCompose },
  { name: 'caddy', lint: lintProxy },
  { name: 'systemd-analyze', needs: 'systemd-analyze', lint: lintUnit },
  { name: 'hadolint', needs: 'hadolint', lint: () => run('hadolint', 'deploy/Dockerfile') },
];
for (const { name, needs, lint } of lints) {
  if (needs !== undefined && !(await isOnPath(needs))) process.stderr.write(`not run: ${name} (not on PATH)\n`);
  else {
    try {
      await lint();
      process.stderr.write(`ok ${name}\n`);
    } catch (error) {
      process.stderr.write(`FAIL ${name}\n${error.message}\n`);
      process.exitCode = 1;
    }
  }
}
rmSync(scratch, { recursive: true });
