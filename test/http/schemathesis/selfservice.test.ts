// Takes about 80 s.
import { fuzz } from './fuzzing.js';

fuzz('selfservice');
