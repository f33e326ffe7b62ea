import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const compiled = resolve(__dirname, '../../../tools/compiled.js');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compiled-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What a script printed that has `compiled` and `file`; a process of its own, which lives until nothing is left to do. */
function node(script: string): string {
  const prologue = `const fs = require('fs'); const compiled = require(${JSON.stringify(compiled)}); const file = ${JSON.stringify(join(folder, 'it.js'))};`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', prologue + script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim();
}

const bundled = (source: string): string => `fs.writeFileSync(file, compiled.wrap(${JSON.stringify(source)}));`;
const shown = `console.log(JSON.stringify(compiled.load(file)));`;
/** Long enough for the code to be kept. */
const living = `setTimeout(() => {}, 600);`;

function codeFiles(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.code'))
    .map((name) => join(folder, name));
}

test('a bundle is a module like any other', () => {
  const source = `exports.at = [__filename, __dirname, module.exports === exports, require('path').basename('a/b')]`;
  expect(JSON.parse(node(bundled(source) + shown))).toEqual({ at: [join(folder, 'it.js'), folder, true, 'b'] });
});

test('its compiled code is kept, and the next process uses it as it is', () => {
  node(bundled(`module.exports = 'first'`) + shown + living);
  const [code = ''] = codeFiles();
  const { mtimeMs, ino } = statSync(code);
  expect(node(shown + living)).toBe('"first"');
  expect(codeFiles()).toEqual([code]);
  expect(statSync(code)).toMatchObject({ mtimeMs, ino });
});

test('code compiled from another source is never run, though it is as long', () => {
  node(bundled(`module.exports = () => 'old'`) + `console.log(compiled.load(file)());` + living);
  expect(codeFiles()).toHaveLength(1);
  expect(node(bundled(`module.exports = () => 'new'`) + `console.log(compiled.load(file)());`)).toBe('new');
});

test('compiled code that is of no use is replaced', () => {
  node(bundled(`module.exports = 'right'`) + shown + living);
  const [code = ''] = codeFiles();
  writeFileSync(code, 'cut off');
  expect(node(shown + living)).toBe('"right"');
  expect(readFileSync(code).length).toBeGreaterThan('cut off'.length);
});

test('a bundle made anew leaves no compiled code behind', () => {
  node(bundled(`module.exports = 1`) + shown + living);
  writeFileSync(join(folder, 'it.js.4711'), 'another process is writing');
  node(`compiled.forget(file);`);
  expect(readdirSync(folder).sort()).toEqual(['it.js', 'it.js.4711']);
});
