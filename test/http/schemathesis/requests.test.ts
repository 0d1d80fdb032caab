// Takes about 40 s.
import { fuzz } from './fuzzing.js';

fuzz('requests');
