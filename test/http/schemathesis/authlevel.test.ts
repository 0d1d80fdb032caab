// Takes about 3 s.
import { fuzz } from './fuzzing.js';

fuzz('authlevel');
