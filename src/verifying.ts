// The program of the process that checks the log of a store while another one writes it as a whole.
import { answerCheck } from '#storage/copy';
import { type StorePlace, writeWhole } from './stores.js';

await answerCheck<StorePlace>(writeWhole);
