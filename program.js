/** What the Pulumi language host runs: index.ts, freshly bundled. */
'use strict';
// The language host has every stack trace mapped through all source maps of the SDK, and Pulumi takes one for each
// resource and promise: a fifth of a second per run. Errors for users carry no stack.
Error.prepareStackTrace = undefined;
module.exports = require('./tools/bundle').run('program');
