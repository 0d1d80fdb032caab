// Takes about 20 s.
import { fuzz } from './fuzzing.js';

fuzz('selfservice');
