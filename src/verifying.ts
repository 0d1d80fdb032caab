// The program of the thread that checks the log of a store while another one writes it as a whole.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { answerCheck, type CheckOrder } from '#storage/copy';
import { type StorePlace, writeWhole } from './stores.js';

await answerCheck(parentPort as MessagePort, workerData as CheckOrder<StorePlace>, writeWhole);
