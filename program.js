/** What the Pulumi language host runs: index.ts, freshly bundled. */
'use strict';
module.exports = require(require('./tools/bundle').bundle('program'));
