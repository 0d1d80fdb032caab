// Takes about 35 s.
import { fuzz } from './fuzzing.js';

fuzz('selfservice');
