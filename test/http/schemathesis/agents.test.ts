// Takes about 5 s.
import { fuzz } from './fuzzing.js';

fuzz('agents');
