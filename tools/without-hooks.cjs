// Loaded before a test: `async_hooks.createHook` makes nothing. Tap alone asks for it, to say in which test an error was thrown that nobody caught,
// and pays with a tenth of all CPU: each promise is followed to its end. Without it such an error ends the process; the test that was under way is then
// told as unfinished, with the error from standard error beside it (test-files.mjs).
'use strict';
const hooks = require('node:async_hooks');
const none = {
  enable: () => none,
  disable: () => none,
};
hooks.createHook = () => none;
require('node:module').syncBuiltinESMExports();
