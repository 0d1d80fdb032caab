import type { Language } from '../../../pages/index.js';
import { en } from './en.js';
import { nb, type Words } from './nb.js';
import { nn } from './nn.js';

export type { Words } from './nb.js';

/** What the pages say, in each language. */
export const WORDS: Readonly<Record<Language, Words>> = { nb, nn, en };
