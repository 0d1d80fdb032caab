// Takes about 70 s.
import { fuzz } from './fuzzing.js';

fuzz('konsument');
