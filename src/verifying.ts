// The program of the thread that verifies a store while another one writes it as a whole.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { answerVerify } from '#storage/copy';
import { type StorePlace, writeWhole } from './stores.js';

await answerVerify(parentPort as MessagePort, () => writeWhole(workerData as StorePlace));
