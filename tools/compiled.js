/**
 * Loads a bundle with the bytecode that V8 made of it in an earlier process, in half the time. Node.js can do this by
 * itself only from version 22 on (NODE_COMPILE_CACHE).
 */
'use strict';
const crypto = require('node:crypto');
const fs = require('node:fs');
const { createRequire, Module } = require('node:module');
const path = require('node:path');
const vm = require('node:vm');

/** A first run has by then used, and so compiled, what every run uses; shorter than the life of a plugin. */
const SAVE_AFTER_MS = 300;

const DIGEST_LENGTH = 64;

/**
 * Makes of a CommonJS module's source the text that {@link load} reads. It ends with a digest, which ties compiled code
 * to its source: V8 itself compares no more than the source's length.
 */
function wrap(source) {
  const wrapped = Module.wrap(source);
  return `${wrapped}//${crypto.createHash('sha256').update(wrapped).digest('hex')}`;
}

/** Runs a file made by {@link wrap} and returns what it exports. */
function load(file) {
  // The bundler escapes all that isn't ASCII, and such a string takes half the memory.
  const source = fs.readFileSync(file, 'latin1');
  const codeFile = `${file}.${source.slice(-DIGEST_LENGTH)}.code`;
  const cachedData = read(codeFile);
  const script = new vm.Script(source, { filename: file, cachedData });
  // V8 rejects what another version of itself has made, or was made with other options.
  if (!cachedData || script.cachedDataRejected) setTimeout(() => save(codeFile, script), SAVE_AFTER_MS).unref();
  const module = new Module(file);
  module.filename = file;
  const run = script.runInThisContext();
  run.call(module.exports, module.exports, createRequire(file), module, file, path.dirname(file));
  return module.exports;
}

/** Removes the compiled code of all versions of a file. */
function forget(file) {
  const folder = path.dirname(file);
  const isCode = (name) => name.startsWith(`${path.basename(file)}.`) && name.endsWith('.code');
  for (const name of fs.readdirSync(folder).filter(isCode)) fs.rmSync(path.join(folder, name), { force: true });
}

function read(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Several processes may do so at once. Without it all works as well, only slower. */
function save(file, script) {
  const temporary = `${file}.${process.pid}`;
  try {
    fs.writeFileSync(temporary, script.createCachedData());
    fs.renameSync(temporary, file);
  } catch {
    fs.rmSync(temporary, { force: true });
  }
}

module.exports = { forget, load, wrap };
