// Takes about 20 s.
import { tryAccess } from './matrix.js';

tryAccess('requests');
