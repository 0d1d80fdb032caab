// Takes about 3 s.
import { tryAccess } from './matrix.js';

tryAccess('requests');
