// `make soak MINUTES=2`: what the tests of this folder do for some seconds, for minutes, and more of it at once; prints a report. Ends with 1 if anything
// was lost, doubled, half or stale, if memory or handles grew, or if a request failed that should not have.
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { temporaryFolder } from '../fixtures/gateway.js';
import { type MongoProxy, startProxy, type Treatment } from '../storage/mongodb-proxy.js';
import { startMongo, whyNoMongo } from '../storage/mongodb-server.js';
import { type Footprint, GatewayNode } from './node.js';
import { fillSmallWorld } from './small-world.js';
import { anyServing, type Cluster, killAndRestart, Prober, printedRandom, type Report, restartInTurn, told, underLoad } from './trials.js';

const MINUTES = Number(process.argv[2] ?? 2);
const SIZES = { writers: 6, readers: 6, restMs: 20 };
const PERSONS = 40;
/** So much may come of garbage that waits to be collected. */
const SPARE_MIB = 64;
const SPARE_HANDLES = 40;

type Ends = (() => unknown)[];

function print(line: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

let isWell = true;

function judge(title: string, isRight: boolean, words: string): void {
  isWell &&= isRight;
  print(`${isRight ? 'ok  ' : 'FAIL'} ${title}: ${words}`);
}

function judgeReport(title: string, report: Report): void {
  judge(title, report.faults.length === 0, told(report));
  for (const fault of report.faults.slice(0, 20)) print(`     ${fault}`);
  const odd = report.failed.filter((one) => /: [1-4][0-9][0-9] |: 500 /.test(one));
  judge(`${title}, answers`, odd.length === 0, odd[0] ?? 'none but success, conflict and "come again"');
}

/** Samples what a node that is never killed holds. */
function watch(node: GatewayNode) {
  const samples: Footprint[] = [];
  const timer = setInterval(() => {
    const now = node.footprint();
    if (now !== undefined) samples.push(now);
  }, 1000);
  return (title: string): void => {
    clearInterval(timer);
    // Of the first third everything is still being loaded.
    const third = Math.floor(samples.length / 3);
    const [middle, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
    const most = (of: readonly Footprint[], what: keyof Footprint): number => Math.max(...of.map((one) => one[what]));
    const least = (of: readonly Footprint[], what: keyof Footprint): number => Math.min(...of.map((one) => one[what]));
    const isFlat =
      least(last, 'rssMib') <= most(middle, 'rssMib') + SPARE_MIB && least(last, 'handles') <= most(middle, 'handles') + SPARE_HANDLES;
    const span = (of: readonly Footprint[]) =>
      `${least(of, 'rssMib')}-${most(of, 'rssMib')} MiB, ${least(of, 'handles')}-${most(of, 'handles')} handles`;
    judge(
      `${title}, ${node.name} never killed`,
      samples.length < 6 || isFlat,
      `${span(middle)} in the second third, ${span(last)} in the last`,
    );
  };
}

/** Does to the wire, for as long as it may, what a network and a database in trouble do. */
async function harmWire(proxy: MongoProxy, random: () => number, isOver: () => boolean): Promise<void> {
  const refusal = (code: number, codeName: string): Treatment => ({
    answer: { ok: 0, code, codeName, errmsg: 'played', errorLabels: ['RetryableWriteError'] },
  });
  const treatments: readonly Treatment[] = [
    'cut before',
    'cut after',
    'cut after',
    'hang',
    { delayMs: 300 },
    refusal(10107, 'NotWritablePrimary'),
    refusal(11602, 'InterruptedDueToReplStateChange'),
    { say: { writeConcernError: { code: 64, codeName: 'WriteConcernTimeout', errmsg: 'played' } } },
  ];
  while (!isOver()) {
    const treatment = treatments[Math.floor(random() * treatments.length)] as Treatment;
    const isOfWrites = typeof treatment === 'object' && 'say' in treatment;
    const names = isOfWrites ? ['update', 'insert'] : ['find', 'update', 'insert', 'findAndModify', 'aggregate'];
    const name = names[Math.floor(random() * names.length)];
    const share = random() * 0.3;
    proxy.play((command) => (command.name === name && random() < share ? treatment : 'pass'));
    await passed(200 + random() * 800);
    // Now and then nobody is there.
    if (random() < 0.05) {
      await proxy.refuse();
      await passed(random() * 2000);
    }
    await proxy.restore();
    await passed(random() * 300);
  }
}

/** Kills the others at random while the first is watched, and harms the wire if there is one. */
async function killing(title: string, cluster: Cluster, proxy?: MongoProxy): Promise<void> {
  const random = printedRandom(title);
  const [first, ...others] = cluster.nodes as [GatewayNode, ...GatewayNode[]];
  const untilMs = performance.now() + MINUTES * 60_000;
  const isOver = (): boolean => performance.now() > untilMs;
  const tell = watch(first);
  let kills = 0;
  const report = await underLoad(cluster, SIZES, random, anyServing(cluster.nodes, random), async () => {
    const harm = proxy === undefined ? undefined : harmWire(proxy, random, isOver);
    kills = await killAndRestart(others, random, 3000, isOver);
    await harm;
    await proxy?.restore();
  });
  judgeReport(`${title}, ${kills} times kill -9`, report);
  tell(title);
}

async function onMongo(t: { teardown(end: () => unknown): void }): Promise<void> {
  const missing = whyNoMongo();
  if (missing !== undefined) {
    print(`skip MongoDB: ${missing}`);
    return;
  }
  const server = await startMongo();
  t.teardown(() => server.stop());
  const uri = new URL(server.freshUri());
  const data = join(temporaryFolder(t), 'data');
  const world = await fillSmallWorld(data, PERSONS, { mongodbUri: uri.href });
  // Longer than by default: the machine has much else to do.
  for (const name of ['socketTimeoutMS', 'waitQueueTimeoutMS']) uri.searchParams.set(name, '8000');
  const proxy = await startProxy(t, uri.href, { asReplicaSet: true });
  const env = { TILGANG_MONGODB_URI: proxy.uri, TILGANG_STOP_DELAY_MS: '1000' };
  const nodes = await Promise.all([1, 2, 3].map((i) => GatewayNode.start(t, `node ${i}`, data, env)));
  await killing('three nodes on MongoDB, the wire harmed', { world, nodes }, proxy);

  const prober = new Prober(nodes);
  await Promise.all(nodes.map((node) => prober.untilReady(node)));
  const random = printedRandom('rolling restart');
  const report = await underLoad({ world, nodes }, SIZES, random, prober.next, () => restartInTurn(nodes, prober));
  await prober.stop();
  judgeReport('rolling restart', report);
  judge('rolling restart, failed requests', report.failed.length === 0, report.failed[0] ?? 'none');
}

async function onLmdb(t: { teardown(end: () => unknown): void }): Promise<void> {
  const data = join(temporaryFolder(t), 'data');
  const world = await fillSmallWorld(data, PERSONS);
  const nodes = await Promise.all([1, 2, 3].map((i) => GatewayNode.start(t, `process ${i}`, data)));
  await killing('three processes over one folder', { world, nodes });
}

/** What a test would tear down. */
async function ended(work: (t: { teardown(end: () => unknown): void }) => Promise<void>): Promise<void> {
  const ends: Ends = [];
  try {
    await work({ teardown: (end) => ends.push(end) });
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

await ended(onMongo);
await ended(onLmdb);
print(isWell ? 'all is well' : 'something is wrong');
process.exitCode = isWell ? 0 : 1;
