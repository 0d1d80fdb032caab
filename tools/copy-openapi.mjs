// The compiler copies no YAML: each API's description goes beside its compiled routes.
import { cpSync } from 'node:fs';

cpSync('src/http', 'dist/http', { recursive: true, filter: (path) => !/\.[a-z]+$/.test(path) || path.endsWith('.yaml') });
