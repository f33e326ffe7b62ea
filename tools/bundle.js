/**
 * Turns a TypeScript entry point of the project into one JavaScript file under dist/, when that is older than what it
 * was made from, and runs it. One file starts several times faster than a tree of modules, and no build step has to be
 * remembered: plain `pulumi up` always runs the sources as they are.
 */
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const root = path.dirname(__dirname);

/** Entry points and how they are packed. The program shares @pulumi/pulumi with the language host, so that stays out. */
const entries = {
  program: { source: 'index.ts', options: { packages: 'external' } },
  'provider-swarm': { source: 'provider/main.ts', options: { minify: true } },
  'provider-command': { source: 'tools/command-plugin/main.ts', options: { minify: true } },
};

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
  const { source, options } = entries[name];
  const outfile = path.join(root, 'dist', `${name}.js`);
  const inputsFile = path.join(root, 'dist', `${name}.inputs.json`);
  if (isFresh(outfile, inputsFile)) return outfile;
  const started = new Date();
  const result = require('esbuild').buildSync({
    absWorkingDir: root,
    entryPoints: [source],
    bundle: true,
    platform: 'node',
    target: 'node20',
    external: ['*.node', 'cpu-features'],
    loader: { '.sh': 'text' },
    metafile: true,
    write: false,
    logLevel: 'error',
    ...options,
  });
  const inputs = [...Object.keys(result.metafile.inputs), 'tools/bundle.js', 'package-lock.json'].filter(
    (input) => !input.startsWith('node_modules/'),
  );
  fs.mkdirSync(path.dirname(outfile), { recursive: true });
  write(outfile, result.outputFiles[0].text, started);
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

module.exports = { bundle };

if (require.main === module) {
  const [, , name, ...args] = process.argv;
  const file = bundle(name);
  process.argv.splice(1, 2, file);
  require(file);
}
