#!/usr/bin/env node
// The program: asks whether this Node.js can run it before anything newer is read.
'use strict';
require('./check-node.cjs');
// Libraries that have a slower form for their users' development (React) show it otherwise.
process.env.NODE_ENV = process.env.NODE_ENV || 'production';
if (require('fs').existsSync(require('path').join(__dirname, '../dist/program/main.js'))) import('../dist/program/main.js');
else {
  process.stderr.write('tilgang: it is not built yet: run `make build` in the checkout\n');
  process.exitCode = 1;
}
