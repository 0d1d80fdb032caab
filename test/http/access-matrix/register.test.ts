// Takes about 2 s.
import { tryAccess } from './matrix.js';

tryAccess('register');
