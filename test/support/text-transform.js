/** Lets tests import scripts as text, as tools/bundle.js does. */
'use strict';
module.exports = {
  process: (text) => ({ code: `module.exports = { __esModule: true, default: ${JSON.stringify(text)} };` }),
};
