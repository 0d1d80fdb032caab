// Takes about 15 s.
import { tryAccess } from './matrix.js';

tryAccess('register');
