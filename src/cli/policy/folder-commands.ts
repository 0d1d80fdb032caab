import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Command } from 'commander';
import {
  buildBundle,
  checkPolicy,
  type Finding,
  folderMetadata,
  isPassed,
  type Location,
  newPolicyFolder,
  openPolicyFolder,
  revisionAt,
  SEARCH,
  type TestedCase,
  type TestReport,
  testPolicy,
} from '#authoring';
import { isFault, parseAppId, parseBundleRevision } from '#domain';
import { loadBundle } from '#policy';
import { ProblemError } from '#problem';
import { JSON_OPTION } from '../place.js';
import type { CommandPorts } from '../ports.js';
import { say } from './on-shelf.js';

type Done = (exitCode: number) => void;

const FOLDER = ['[folder]', 'the policy folder', '.'] as const;

/** `tilgang policy new`. */
export function newCommand({ authoring }: CommandPorts): Command {
  return new Command('new')
    .description('make a folder with a policy that works: rule, tests, schema of the input, Makefile')
    .argument('<folder>', 'an empty folder, or one that is not there; in a policy folder only the schema is brought up to date')
    .option('--app <App-ID>', 'the application that the rules are for')
    .option(...JSON_OPTION)
    .addHelpText('after', '\n  $ tilgang policy new rules --app 6f8b5a3e-0d6c-4d4c-9d2b-0a4c8f0f7a11\n  $ cd rules && tilgang policy test')
    .action(async (folder: string, options: { app?: string; json?: true }, command: Command) => {
      const { app } = options;
      const appId = app === undefined ? undefined : parseAppId(app);
      if (isFault(appId)) command.error(`error: --app ${appId.detail}`);
      const written = await newPolicyFolder(authoring.shipped, folder, appId);
      const lines = `written to ${folder}: ${written.join(', ')}\nnext: tilgang policy test ${folder}\n`;
      say(options, { folder: resolve(folder), written }, lines);
    });
}

/** `tilgang policy check`. @param done is told 1 if there is a fault */
export function checkCommand({ authoring }: CommandPorts, done: Done): Command {
  return new Command('check')
    .description('find what is wrong with a policy before it runs')
    .argument(...FOLDER)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      `
Types and strict mode by OPA, with the schema of the input; entrypoints; built-ins that nobody provides; and what the compiled module
does otherwise than OPA (docs/policies.md): certain of it is a fault, what cannot be known a warning. Ends with 1 if there is a fault.`,
    )
    .action(async (folder: string, options: { json?: true }) => {
      const found = await checkPolicy(await authoring.opa(), folder, authoring.shipped.schema);
      const faults = found.filter(({ kind }) => kind === 'fault').length;
      const lines = found.map((one) => findingLine(folder, one)).join('');
      say(options, found, `${lines}${faults === 0 ? 'fit to be built' : 'not fit'}: ${countsOf(found.length - faults, faults)}\n`);
      if (faults > 0) done(1);
    });
}

function countsOf(warnings: number, faults: number): string {
  return `${counted(faults, 'fault')}, ${counted(warnings, 'warning')}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** A finding as a person reads it, and an editor finds the place. */
export function findingLine(folder: string, { kind, rule, message, at }: Finding): string {
  return `${placeOf(folder, at)}${kind === 'fault' ? 'FAULT' : 'warning'} ${rule}: ${message}\n`;
}

function placeOf(folder: string, at: Location | undefined): string {
  return at === undefined ? '' : `${join(folder, at.file)}:${at.row}:${at.col} `;
}

/** `tilgang policy test`. @param done is told 1 if a test does not pass in both */
export function testCommand({ authoring }: CommandPorts, done: Done): Command {
  return new Command('test')
    .description('run the tests in OPA and, compiled, in the engine that judges')
    .argument(...FOLDER)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nEnds with 1 if a test fails, or the two differ: the gateway answers what the engine does.')
    .action(async (folder: string, options: { json?: true }) => {
      const report = await testPolicy(await authoring.opa(), folder);
      const passed = report.cases.filter(({ opa, module }) => opa === 'passed' && module === 'passed').length;
      const sum = `${passed} of ${counted(report.cases.length, 'test')} passed in OPA and in the engine\n`;
      say(options, report, `${reportLines(folder, report)}${sum}`);
      if (!isPassed(report)) done(1);
    });
}

/** What did not pass, as a person reads it: which, how, and which values OPA found where. */
export function reportLines(folder: string, { cases, moduleFault, failures }: TestReport): string {
  const lines = cases.map((one) => caseLine(folder, one)).join('');
  const fault = moduleFault === undefined ? '' : `the engine cannot run them: ${moduleFault}\n`;
  return `${fault}${lines}${failures === undefined ? '' : `\n${failures}\n\n`}`;
}

function caseLine(folder: string, { name, at, opa, module }: TestedCase): string {
  if (opa === 'passed' && module === 'passed') return '';
  const how = opa === module ? opa : `DIFFERS: ${opa} in OPA, ${module} in the engine`;
  return `${placeOf(folder, at)}${name}: ${how}\n`;
}

interface BuildOptions {
  readonly revision?: string;
  readonly out: string;
  readonly json?: true;
}

/** `tilgang policy build`. */
export function buildCommand({ authoring }: CommandPorts): Command {
  return new Command('build')
    .description('build the bundle of a policy folder')
    .argument(...FOLDER)
    .option(
      '--revision <revision>',
      'begins with a number, such as 7 or 1.4.2, and is greater than those before; default: the time, as 2026.11.27.130500',
    )
    .option('--out <file>', 'where to', 'bundle.tar.gz')
    .option(...JSON_OPTION)
    .action(async (folder: string, { revision = revisionAt(Date.now()), out, json }: BuildOptions, command: Command) => {
      const parsed = parseBundleRevision(revision);
      if (isFault(parsed)) command.error(`error: --revision ${parsed.detail}`);
      const tarball = await buildBundle(await authoring.opa(), await openPolicyFolder(folder), { revision });
      // What the gateway would refuse is refused here.
      const { entrypoints } = await loadBundle(tarball);
      const { judges = [SEARCH] } = await folderMetadata(folder);
      const missing = judges.find((rule) => !entrypoints.includes(rule));
      if (missing !== undefined) {
        throw new ProblemError('bundle-invalid', {
          detail: `the bundle has no entrypoint ${missing}: \`tilgang policy check\` says what is missing`,
        });
      }
      const file = resolve(folder, out);
      await writeFile(file, tarball);
      const digest = `sha256:${createHash('sha256').update(tarball).digest('hex')}`;
      const built = { file, revision, bytes: tarball.byteLength, digest, entrypoints };
      const line = `built ${basename(file)}: revision ${revision}, ${tarball.byteLength} bytes, ${entrypoints.join(', ')}\n`;
      say({ json }, built, line);
    });
}
