// Takes about 10 s.
import { fuzz } from './fuzzing.js';

fuzz('opa');
