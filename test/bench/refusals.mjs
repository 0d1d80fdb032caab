// Whether the time of a refusal tells what a person has elsewhere: groups of requests about a person who has grants and about one who has none.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPersonVault } from '#persons';
import { appId, otherAppId, personsBeyond, writeDataset } from './dataset.mjs';
import { openConnection, requestBytes } from './exchange.mjs';
import { median, table, whole } from './report.mjs';
import { removeFolder, scratchFolder, stop } from './scratch.mjs';
import { importGrants, startGateway, tokenFor, tokenOfPerson } from './servers.mjs';

const PERSONS = 1000;
const PER_PERSON = 5;
const GROUP = 20;
const OSLO_KOMMUNE = '0301';
const TILGANGER = `/tilgang/api/v1/app/${appId}/tilganger`;
const OSLO = '/konsument-bruker/api/v1/organisasjoner/958935420';
/** What is measured is not the limit of refusals. */
const SETTINGS = { TILGANG_REFUSALS_PER_MINUTE: '1000000', TILGANG_LOOK_UPS_PER_MINUTE: '1000000' };

/** Each kind of question that must not tell: what it is called, and the request about a person. */
async function kindsOf(gateway) {
  const vault = await openPersonVault(gateway.data, { mayMake: false });
  const ask = (token) => (brukerIdent) => requestBytes('POST', TILGANGER, token, JSON.stringify({ brukerIdent }));
  const oslo = await tokenFor(gateway, 'oslo');
  const read = (path) => (person) => requestBytes('GET', `${OSLO}${path(vault.nameOf(person))}`, oslo);
  return [
    ["Tilgang API, another tilbyder's client", ask(await tokenFor(gateway, 'dibk'))],
    ['Tilgang API, a client without the scope', ask(await tokenFor(gateway, 'uten-scope'))],
    ["Tilgang API, a citizen's token", ask(await tokenOfPerson(gateway, 'person-001'))],
    ['hendelser?bruker=&app=, an organisation that has nothing on the person', read((id) => `/hendelser?bruker=${id}&app=${appId}`)],
    ['brukere/{id}, an organisation that has nothing on the person', read((id) => `/brukere/${id}`)],
  ];
}

const timed = async (ask, bytes) => {
  const begun = performance.now();
  const { status, body } = await ask(bytes);
  const time = performance.now() - begun;
  // The request's own id and the person that was asked about are no answer.
  return { time, said: `${status} ${body.toString().replaceAll(/"(requestId|brukerId)":"[^"]*"/g, '')}` };
};

/** Asks about each pair of persons in turns, which first by lot; gives the times about either, by pair. */
async function askPairs(gateway, pairs, requestAbout) {
  const { ask, close } = await openConnection(gateway.port);
  const groups = [];
  const said = new Set();
  try {
    for (let i = 0; i < 200; i += 1) await ask(requestAbout(pairs[i % pairs.length][i % 2]));
    for (const pair of pairs) {
      const requests = pair.map(requestAbout);
      const times = [[], []];
      for (let turn = 0; turn < GROUP; turn += 1) {
        const first = Math.random() < 0.5 ? 0 : 1;
        for (const which of [first, 1 - first]) {
          const answer = await timed(ask, requests[which]);
          times[which].push(answer.time);
          said.add(answer.said);
        }
      }
      groups.push(times);
    }
  } finally {
    close();
  }
  if (said.size !== 1) throw new Error(`refusals differ by what the person has: ${[...said].slice(0, 2).join('; ')}`);
  return { groups, said: [...said][0].slice(0, 3) };
}

/** How many of so many coins fall heads, least and most, in at least 95 of 100 tries. */
export function chanceRange(coins) {
  let term = 0.5 ** coins;
  let below = 0;
  for (let heads = 0; ; heads += 1) {
    below += term;
    if (below > 0.025) return [heads, coins - heads];
    term *= (coins - heads) / (heads + 1);
  }
}

function row(name, { groups, said }) {
  const right = groups.filter(([having, lacking]) => median(having) > median(lacking)).length;
  const [least, most] = chanceRange(groups.length);
  const p50 = (which) => median(groups.flatMap((pair) => pair[which])).toFixed(3);
  const percent = ((right / groups.length) * 100).toFixed(0);
  const verdict = right >= least && right <= most ? 'chance' : '**tells**';
  return [name, said, p50(0), p50(1), `${right} of ${groups.length} (${percent} %)`, `${least}–${most}`, verdict];
}

/** @param chosen `refusals`: how many requests about persons of either sort */
export async function benchRefusals({ refusals, checkouts }, { print, note }) {
  const folder = scratchFolder();
  let gateway;
  try {
    const file = join(folder, 'grants.jsonl');
    const asked = await writeDataset(file, PERSONS * PER_PERSON, PER_PERSON);
    // In a second application too: whoever reads all that a person has, reads more than one document.
    const more = asked.flatMap(({ brukerIdent, kommuner }) => kommuner.map((kommune) => ({ app: otherAppId, brukerIdent, kommune })));
    appendFileSync(file, more.map((line) => `${JSON.stringify(line)}\n`).join(''));
    gateway = await startGateway(folder, SETTINGS, checkouts[0]);
    await importGrants(gateway, file);
    const count = refusals / GROUP;
    const having = asked.filter(({ kommuner }) => !kommuner.includes(OSLO_KOMMUNE)).slice(0, count);
    const lacking = personsBeyond(PERSONS, 2 * count);
    const pairs = having.map(({ brukerIdent }, i) => [brukerIdent, lacking[i]]);
    const alike = having.map((_, i) => [lacking[count + i], lacking[i]]);
    const kinds = await kindsOf(gateway);
    const rows = [];
    for (const [name, requestAbout] of kinds) {
      note(`refusals: ${name}`);
      rows.push(row(name, await askPairs(gateway, pairs, requestAbout)));
    }
    rows.push(row(`control: ${kinds[0][0]}, neither person has any`, await askPairs(gateway, alike, kinds[0][1])));
    const heads = ['asked', 'answered', 'p50 ms, has grants', 'p50 ms, has none', 'told right', 'by chance (95 %)', ''];
    print(
      `What a refusal's time tells of a person's grants: ${whole(refusals)} requests about persons of either sort, in turns on one connection, one person in each group of ${GROUP}; a group is told right if its median is above that of the person without.\n\n${table(heads, rows)}`,
    );
  } finally {
    if (gateway !== undefined) await stop(gateway.child);
    removeFolder(folder);
  }
}
