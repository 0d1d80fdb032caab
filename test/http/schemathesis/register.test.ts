// Takes about 22 s.
import { fuzz } from './fuzzing.js';

fuzz('register');
