// Takes about 25 s.
import { tryAccess } from './matrix.js';

tryAccess('konsument, by a machine');
