// Takes about 6 s.
import { tryAccess } from './matrix.js';

tryAccess('policy');
