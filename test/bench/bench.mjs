// `make bench`: the real gateway beside OPA's own server and bare ones, at several sizes of data; Markdown on standard output.
import { parseArgs } from 'node:util';
import { benchAuthzen } from './authzen.mjs';
import { benchCopy } from './copy.mjs';
import { benchBesideOpa, benchDecisions } from './decisions.mjs';
import { benchDiff } from './diff.mjs';
import { benchEngine, benchEngineMemory } from './engine.mjs';
import { benchKonsument } from './konsument.mjs';
import { benchKrr } from './krr.mjs';
import { benchLog } from './log.mjs';
import { benchMongo } from './mongodb.mjs';
import { benchOidc } from './oidc.mjs';
import { benchRefusals } from './refusals.mjs';
import { machine } from './report.mjs';
import { checkoutAt, ownCheckout } from './servers.mjs';
import { benchSwap } from './swap.mjs';
import { benchSystembruker } from './systembruker.mjs';
import { benchTokens } from './tokens.mjs';
import { benchWorkers } from './workers.mjs';

const HELP = `node test/bench/bench.mjs [options]
  --sizes=1000,100000,1000000   numbers of grants, each even and at least 2
  --connections=1,16,64         keep-alive connections
  --seconds=3                   length of a round, whole seconds
  --rounds=5                    rounds per server; the median counts
  --parts=engine,memory,opa,decisions,log,swap,mongodb,refusals,workers,authzen,konsument,copy,diff,tokens,krr,oidc,systembruker   which parts to run
  --beside=PATH                 opa, decisions: another checkout, built, whose gateway is measured in the same rounds
  --scale=1000000               grants in the store whose history is read (or BENCH_SCALE); even
  --quick                       1 000 and 100 000 grants, three rounds of one second; konsument: one round, history of 100 000; refusals: 600
  of each kind; copy: one round of 20 000; memory: 100 000 evaluations; diff: 20 000 grants; krr: 100 000 persons; systembruker: 20 000 system users. The part opa asks over 16 connections
`;

const PARTS = {
  engine: benchEngine,
  memory: benchEngineMemory,
  opa: benchBesideOpa,
  decisions: benchDecisions,
  log: benchLog,
  swap: benchSwap,
  mongodb: benchMongo,
  refusals: benchRefusals,
  workers: benchWorkers,
  authzen: benchAuthzen,
  konsument: ({ konsument }, out) => benchKonsument(konsument, out),
  copy: ({ copy }, out) => benchCopy(copy, out),
  diff: benchDiff,
  tokens: benchTokens,
  krr: benchKrr,
  oidc: benchOidc,
  systembruker: benchSystembruker,
};

function options() {
  const text = { type: 'string' };
  const { values } = parseArgs({
    options: {
      sizes: text,
      connections: text,
      seconds: text,
      rounds: text,
      parts: text,
      scale: text,
      beside: text,
      quick: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const numbers = (name, fallback, most) =>
    (values[name] ?? fallback).split(',').map((part) => {
      const number = Number(part);
      if (!Number.isInteger(number) || number < 1 || number > most) throw new RangeError(`--${name}: ${part}\n${HELP}`);
      return number;
    });
  const sizes = numbers('sizes', values.quick ? '1000,100000' : '1000,100000,1000000', 5_000_000);
  if (sizes.some((size) => size % 2 === 1)) throw new RangeError(`--sizes: each person has two grants\n${HELP}`);
  const [seconds] = numbers('seconds', values.quick ? '1' : '3', 60);
  const [rounds] = numbers('rounds', values.quick ? '3' : '5', 50);
  values.scale ??= process.env.BENCH_SCALE;
  const [scale] = numbers('scale', values.quick ? '100000' : '1000000', 5_000_000);
  if (scale % 2 === 1) throw new RangeError(`--scale: each person has two grants\n${HELP}`);
  const parts = values.parts?.split(',') ?? Object.keys(PARTS);
  if (parts.some((part) => !Object.hasOwn(PARTS, part))) throw new RangeError(`--parts: ${values.parts}\n${HELP}`);
  const checkouts = values.beside === undefined ? [ownCheckout] : [ownCheckout, checkoutAt(values.beside)];
  const konsument = { lines: 100_000, gifts: values.quick ? 3000 : 10_000, listed: 50_000, scale, rounds: values.quick ? 1 : 3 };
  const refusals = values.quick ? 600 : 1500;
  const copy = { grants: values.quick ? 20_000 : 200_000, rounds: values.quick ? 1 : 3 };
  const diffGrants = values.quick ? 20_000 : 1_000_000;
  const systemUsers = values.quick ? [2000, 20_000] : [20_000, 1_000_000];
  const million = values.quick ? 100_000 : 1_000_000;
  return {
    parts,
    konsument,
    refusals,
    copy,
    million,
    systemUsers,
    diffGrants,
    checkouts,
    sizes,
    connections: numbers('connections', '1,16,64', 1000),
    seconds,
    rounds,
  };
}

const note = (text) => process.stderr.write(`${text}\n`);
const print = (text) => process.stdout.write(`${text}\n\n`);

const chosen = options();
print(machine());
for (const [name, run] of Object.entries(PARTS)) if (chosen.parts.includes(name)) await run(chosen, { print, note });
