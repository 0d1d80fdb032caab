// Ends the process with one sentence if Node.js is too old. Written in words that any Node.js of the last ten years can read.
'use strict';
var found = process.versions.node;
var parts = found.split('.').map(Number);
if (parts[0] < 20 || (parts[0] === 20 && parts[1] < 19)) {
  process.stderr.write('tilgang: this is Node.js ' + found + '; install Node.js 20.19 or newer (nodejs.org, or a version manager such as nvm)\n');
  process.exit(1);
}
