/**
 * Turns an entry point of the project into one JavaScript file under dist/, when that is older than what it was made
 * from, and runs it. One file starts several times faster than a tree of modules, and no build step has to be
 * remembered: plain `pulumi up` always runs the sources as they are.
 */
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const compiled = require('./compiled');

const root = path.dirname(__dirname);

/**
 * Entry points and how they are packed. The program and the language host share @pulumi/pulumi: it stays out of the
 * program, and is a bundle of its own without what no run needs.
 */
const entries = {
  program: { source: 'index.ts', external: ['@pulumi/pulumi', '@pulumi/pulumi/*'] },
  sdk: { source: 'tools/sdk.js', external: withoutLeftOut },
  'provider-swarm': { source: 'provider/main.ts', minify: true },
  'provider-command': { source: 'tools/command-plugin/main.ts', minify: true },
};

function withoutLeftOut() {
  const files = [...Object.keys(require('./left-out')), '@pulumi/pulumi/typescript-shim.js'];
  return files.map((file) => `./node_modules/${file}`);
}

/** Whether dist/<name>.js is newer than every file it was made from. */
function isFresh(outfile, inputsFile) {
  try {
    const made = fs.statSync(outfile).mtimeMs;
    const inputs = JSON.parse(fs.readFileSync(inputsFile, 'utf8'));
    return inputs.every((input) => fs.statSync(path.join(root, input)).mtimeMs <= made);
  } catch {
    return false;
  }
}

/** Builds dist/<name>.js when needed and returns its path. Safe when several processes do it at once. */
function bundle(name) {
  const { source, external = [], minify = false } = entries[name];
  const outfile = path.join(root, 'dist', `${name}.js`);
  const inputsFile = path.join(root, 'dist', `${name}.inputs.json`);
  if (isFresh(outfile, inputsFile)) return outfile;
  const started = new Date();
  const result = require('esbuild').buildSync({
    absWorkingDir: root,
    entryPoints: [source],
    outfile,
    bundle: true,
    minify,
    platform: 'node',
    target: 'node20',
    external: ['*.node', 'cpu-features', ...(typeof external === 'function' ? external() : external)],
    loader: { '.sh': 'text' },
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  const own = ['bundle.js', 'compiled.js', 'left-out.js'].map((file) => `tools/${file}`);
  const inputs = [...Object.keys(result.metafile.inputs), ...own, 'package-lock.json'].filter(
    (input) => !input.startsWith('node_modules/'),
  );
  fs.mkdirSync(path.dirname(outfile), { recursive: true });
  compiled.forget(outfile);
  write(outfile, compiled.wrap(result.outputFiles[0].text), started);
  write(inputsFile, JSON.stringify(inputs), started);
  return outfile;
}

/** Dated to the start of the build, so that a source saved meanwhile counts as newer. */
function write(file, content, date) {
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, content);
  fs.utimesSync(temporary, date, date);
  fs.renameSync(temporary, file);
}

/** Runs an entry point, bundled freshly when needed, and returns what it exports. */
function run(name) {
  return compiled.load(bundle(name));
}

module.exports = { bundle, run };

if (require.main === module) {
  const [, , name, ...args] = process.argv;
  process.argv.splice(1, 2, path.join(root, 'dist', `${name}.js`));
  run(name);
}
