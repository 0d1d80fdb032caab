// A thread that bundles run in, and that lets all others go first: what runs away takes only what nobody else wants.
import { giveWay } from './give-way.js';

giveWay();
await import('./thread.js');
