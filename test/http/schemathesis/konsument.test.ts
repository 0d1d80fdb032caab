// Takes about 30 s.
import { fuzz } from './fuzzing.js';

fuzz('konsument');
