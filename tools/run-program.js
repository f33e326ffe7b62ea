/**
 * What the Node.js language host starts (PULUMI_LANGUAGE_NODEJS_RUN_PATH, see env) in place of @pulumi/pulumi/cmd/run.
 * It does the same, with the parts of the SDK that this project's program uses, from one file.
 */
'use strict';
const fs = require('node:fs');
const { createRequire, Module } = require('node:module');
const path = require('node:path');

const RUN = '@pulumi/pulumi/cmd/run';

/** Whether a run is for another project in the same shell, or is to be traced, of which the bundle knows nothing. */
function wantsWholeSdk(args, environment) {
  const folder = argument(args, '--pwd') ?? process.cwd();
  const traced = environment.TRACEPARENT !== undefined || argument(args, '--tracing') !== undefined;
  return traced || fs.realpathSync(folder) !== fs.realpathSync(path.dirname(__dirname));
}

/** The host passes each name and its value as two arguments. */
function argument(args, name) {
  const index = args.indexOf(name);
  return index < 0 ? undefined : args[index + 1];
}

/** Whoever requires the module gets what `load` returns. */
function provide(id, load) {
  const file = require.resolve(id);
  const module = new Module(file);
  module.filename = file;
  module.loaded = true;
  Object.defineProperty(module, 'exports', { get: load });
  require.cache[file] = module;
}

function main(args) {
  if (wantsWholeSdk(args, process.env)) {
    createRequire(path.join(argument(args, '--pwd') ?? process.cwd(), 'program.js'))(RUN);
    return;
  }
  // The host that is built here sets it always, and it loads the TypeScript compiler. The program is bundled already.
  delete process.env.PULUMI_NODEJS_TYPESCRIPT;
  for (const [id, standIn] of Object.entries(require('./left-out'))) provide(id, () => standIn);
  for (const [id, load] of Object.entries(require('./bundle').run('sdk'))) provide(id, load);
  require(RUN);
}

module.exports = { wantsWholeSdk };

if (require.main === module) main(process.argv.slice(2));
