// Takes about 10 s.
import { tryAccess } from './matrix.js';

tryAccess('konsument, by a machine');
