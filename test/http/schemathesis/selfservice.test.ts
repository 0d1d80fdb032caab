import { fuzz } from './fuzzing.js';

fuzz('selfservice');
