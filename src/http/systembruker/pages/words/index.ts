import type { Language } from '../../../pages/index.js';
import { en } from './en.js';
import { nb } from './nb.js';
import { nn } from './nn.js';

/** What the pages say, in one language. */
export type Words = typeof nb;

/** The same in each. */
export const WORDS: Readonly<Record<Language, Words>> = { nb, nn, en };
