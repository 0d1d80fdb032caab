// The program of the thread that checks the log of a store while another one writes it as a whole.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { answerCheck } from '#storage/copy';
import { type StorePlace, writeWhole } from './stores.js';

await answerCheck(parentPort as MessagePort, () => writeWhole(workerData as StorePlace));
