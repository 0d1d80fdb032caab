// Takes about 15 s.
import { fuzz } from './fuzzing.js';

fuzz('resources');
