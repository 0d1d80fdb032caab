// What is done to the nodes while they are under load, and how it is judged afterwards; the tests and the soak do the same in other sizes.
import { setTimeout as passed } from 'node:timers/promises';
import { seededRandom } from '../fixtures/demo-folder.js';
import { nameOf, readWhole, standingIn, type WholeStore } from './kept.js';
import { Load, type LoadSizes } from './load.js';
import { faultsIn, type Standing } from './model.js';
import type { AskedNode, GatewayNode } from './node.js';
import { opened, type SmallWorld } from './small-world.js';

/** Nodes over one store. */
export interface Cluster<Node extends AskedNode = GatewayNode> {
  readonly world: SmallWorld;
  readonly nodes: readonly Node[];
}

/** What was found, and how much was tried. */
export interface Report {
  /** Everything that a right service cannot have done, a sentence each. */
  readonly faults: readonly string[];
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly readings: number;
  readonly events: number;
  /** What the clients were answered that they should not be, and connections that failed. */
  readonly failed: readonly string[];
}

/** A row of numbers in [0, 1); the seed is printed, or taken from FAULTS_SEED. */
export function printedRandom(title: string): () => number {
  const seed = Number(process.env['FAULTS_SEED'] ?? 1 + Math.floor(Math.random() * 1e9));
  process.stderr.write(`${title}: FAULTS_SEED=${seed}\n`);
  return seededRandom(seed);
}

/**
 * Puts a cluster under load, does something to it meanwhile, and compares what the clients were told with what the store holds.
 * @param next which node a client asks
 * @param harm resolves when the load may end, with every node serving
 */
export async function underLoad(
  cluster: Cluster<AskedNode>,
  sizes: LoadSizes,
  random: () => number,
  next: () => AskedNode | undefined,
  harm: (load: Load) => Promise<void>,
): Promise<Report> {
  const { world, nodes } = cluster;
  const { before, events } = await opened(world, async ({ store }) => ({
    before: await standingIn(store, world),
    events: await countEvents(store),
  }));
  const load = new Load({ world, nodes, random, next }, sizes);
  const follower = follow(world);
  load.start();
  try {
    await harm(load);
  } finally {
    await load.stop();
  }
  await load.readAll();
  const kept = await readWhole(world, events);
  const followed = await follower.upTo(kept.log.length);
  return judged(load, before, kept, followed);
}

function judged(load: Load, before: ReadonlyMap<string, Standing>, kept: WholeStore, followed: readonly string[]): Report {
  const { sent, readings, failed } = load;
  const faults = [...faultsIn({ before, sent, readings }, kept)];
  if (kept.broken !== undefined) faults.push(`broken: ${kept.broken}`);
  const differing = kept.log.findIndex((event, i) => event !== followed[i]);
  if (differing !== -1 || followed.length !== kept.log.length) {
    faults.push(`followed otherwise: event ${differing + 1} of ${kept.log.length}, and ${followed.length} were followed`);
  }
  const count = (outcome: string): number => sent.filter((one) => one.outcome === outcome).length;
  return {
    faults,
    acknowledged: count('acknowledged'),
    refused: count('refused'),
    unknown: count('unknown'),
    readings: readings.length,
    events: kept.log.length,
    failed,
  };
}

async function countEvents(store: Parameters<Parameters<typeof opened>[1]>[0]['store']): Promise<number> {
  let count = 0;
  for (let cursor: string | undefined; ; ) {
    const { events, next } = await store.events.after(cursor, 1000);
    count += events.length;
    cursor = next;
    if (cursor === undefined) return count;
  }
}

/** Follows the events as they come, like whoever ships them to a log system: where it was broken off it goes on. */
function follow(world: SmallWorld) {
  const seen: string[] = [];
  const over = new AbortController();
  let last: string | undefined;
  const once = (): Promise<void> =>
    opened(world, async ({ store }) => {
      for await (const event of store.events.follow(last, over.signal)) {
        seen.push(nameOf(event));
        last = event.cursor;
      }
    });
  const following = (async () => {
    while (!over.signal.aborted) await once().catch(() => passed(200));
  })();
  return {
    async upTo(count: number): Promise<readonly string[]> {
      for (let waited = 0; seen.length < count && waited < 100; waited += 1) await passed(100);
      // Beyond it too: an event that comes twice would come late.
      await passed(150);
      over.abort();
      await following;
      return seen;
    },
  };
}

/** Asks any node that is not known to be down. */
export function anyServing(nodes: readonly AskedNode[], random: () => number): () => AskedNode | undefined {
  return () => {
    const serving = nodes.filter(({ isServing }) => isServing);
    return serving[Math.floor(random() * serving.length)];
  };
}

/**
 * Kills a node at a random moment and starts it again, time after time; the others go on.
 * @param isOver asked after each
 */
export async function killAndRestart(
  nodes: readonly GatewayNode[],
  random: () => number,
  restMs: number,
  isOver: (kills: number) => boolean,
): Promise<number> {
  for (let kills = 0; ; ) {
    await passed(random() * restMs);
    const node = nodes[Math.floor(random() * nodes.length)] as GatewayNode;
    await node.kill();
    kills += 1;
    await startAgain(node);
    if (isOver(kills)) return kills;
  }
}

const STARTS = 20;

/** As what watches over services does: one that ends because its database is away is started once more. */
async function startAgain(node: GatewayNode): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await node.start();
      return;
    } catch (error) {
      if (tries === STARTS) throw error;
      await passed(500);
    }
  }
}

const PROBE_MS = 150;

/** Stops and starts one node after the other, as an operator who brings a new version; a client asks those that say they are ready. */
export async function restartInTurn(nodes: readonly GatewayNode[], prober: Prober): Promise<void> {
  for (const node of nodes) {
    const code = await node.stop();
    if (code !== 0) throw new Error(`${node.name} ended with ${code}`);
    await node.start();
    await prober.untilReady(node);
  }
}

/** What a proxy in front of the nodes does: asks in turn those whose last probe said that they are ready. */
export class Prober {
  readonly #nodes: readonly GatewayNode[];
  readonly #ready = new Set<GatewayNode>();
  readonly #probing: Promise<unknown>;
  #isOver = false;
  #turn = 0;

  constructor(nodes: readonly GatewayNode[]) {
    this.#nodes = nodes;
    this.#probing = Promise.all(nodes.map((node) => this.#probe(node)));
  }

  readonly next = (): GatewayNode | undefined => {
    this.#turn += 1;
    const ready = this.#nodes.filter((node) => this.#ready.has(node));
    return ready[this.#turn % ready.length];
  };

  async untilReady(node: GatewayNode): Promise<void> {
    while (!this.#ready.has(node)) await passed(PROBE_MS);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#probing;
  }

  async #probe(node: GatewayNode): Promise<void> {
    while (!this.#isOver) {
      const isReady = await node.ask(undefined, 'GET', '/health/ready').then(
        ({ status }) => status === 200,
        () => false,
      );
      if (isReady) this.#ready.add(node);
      else this.#ready.delete(node);
      await passed(PROBE_MS);
    }
  }
}

/** A report in a few words. */
export function told({ acknowledged, refused, unknown, readings, events, failed }: Report): string {
  return `${acknowledged} changes acknowledged, ${refused} refused, ${unknown} unknown, ${readings} readings, ${events} events, ${failed.length} answers failed`;
}
