// Takes about 8 s.
import { tryAccess } from './matrix.js';

tryAccess('selfservice');
