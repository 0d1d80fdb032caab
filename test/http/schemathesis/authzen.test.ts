// Takes about 12 s.
import { fuzz } from './fuzzing.js';

fuzz('authzen');
