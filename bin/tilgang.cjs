#!/usr/bin/env node
// The program: asks whether this Node.js can run it before anything newer is read.
'use strict';
require('./check-node.cjs');
if (require('fs').existsSync(require('path').join(__dirname, '../dist/main.js'))) import('../dist/main.js');
else {
  process.stderr.write('tilgang: it is not built yet: run `make build` in the checkout\n');
  process.exitCode = 1;
}
