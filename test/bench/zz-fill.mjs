import { writeDataset } from './dataset.mjs';
import { stop } from './scratch.mjs';
import { importGrants, startGateway } from './servers.mjs';

const [folder, n] = process.argv.slice(2);
await writeDataset(`${folder}/g.jsonl`, Number(n));
const g = await startGateway(folder);
const r = await importGrants(g, `${folder}/g.jsonl`);
await stop(g.child);
console.log(r.said, r.seconds);
