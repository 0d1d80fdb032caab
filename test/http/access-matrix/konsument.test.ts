// Takes about 12 s.
import { tryAccess } from './matrix.js';

tryAccess('konsument');
