import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../../..');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-program-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** As the language host starts it. */
function runProgram(args: string[], environment: Record<string, string> = {}, nodeArgs: string[] = []): string {
  const { stdout } = spawnSync(process.execPath, [...nodeArgs, join(root, 'tools/run-program.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...environment },
  });
  return stdout;
}

/** Shows what an expression is worth when the process ends, which is soon, as the host named no resource monitor. */
function atEnd(expression: string, environment: Record<string, string> = {}): unknown {
  const hook = join(folder, 'hook.js');
  writeFileSync(
    hook,
    `const { createRequire } = require('module');
    process.on('exit', () => {
      const require = createRequire(${JSON.stringify(join(root, 'program.js'))});
      console.log(JSON.stringify(${expression}));
    });`,
  );
  return JSON.parse(runProgram(['--pwd', root, 'program.js'], environment, ['--require', hook]));
}

const sdkFilesLoaded = `Object.keys(require.cache).filter((file) => file.includes('node_modules')
  && require.cache[file].children.length > 0)`;

test('the program gets the SDK from its bundle, and nothing of it is loaded twice', () => {
  expect(atEnd(sdkFilesLoaded)).toEqual([]);
  expect(atEnd(`require('@pulumi/pulumi').runtime === require('@pulumi/pulumi/runtime')`)).toBe(true);
  expect(atEnd(`Object.keys(require('@pulumi/pulumi')).includes('ComponentResource')`)).toBe(true);
});

test('the bundle has every module of the SDK that the program asks for', () => {
  spawnSync(process.execPath, ['-e', "const { bundle } = require('./tools/bundle'); bundle('program')"], { cwd: root });
  const program = readFileSync(join(root, 'dist/program.js'), 'utf8');
  const asked = [...program.matchAll(/require\("(@pulumi\/[^"]+)"\)/g)].map(([, id]) => id);
  expect(asked).toContain('@pulumi/pulumi');
  const offered = JSON.parse(
    spawnSync(process.execPath, ['-p', "JSON.stringify(Object.keys(require('./tools/sdk')))"], {
      cwd: root,
      encoding: 'utf8',
    }).stdout,
  ) as string[];
  expect(offered).toEqual(expect.arrayContaining(asked));
});

test.each([
  ['a dynamic provider', `new pulumi.dynamic.Resource({ create: async () => ({ id: '1' }) }, 'one', {})`],
  ['a serialized function', `pulumi.runtime.serializeFunction(() => 1)`],
  ['the automation API', `pulumi.automation.LocalWorkspace`],
])('%s is refused with the way to have it', (_, use) => {
  const refusal = atEnd(`(() => {
    const pulumi = require('@pulumi/pulumi');
    pulumi.runtime.setMocks({ newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) });
    try { ${use}; } catch (error) { return error.message; }
  })()`);
  expect(refusal).toMatch(/left out of the Pulumi SDK .* unset PULUMI_LANGUAGE_NODEJS_RUN_PATH$/);
});

test('a run that is to be traced has the whole SDK', () => {
  expect(atEnd(sdkFilesLoaded, { TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })).not.toEqual(
    [],
  );
});

test('another project that is run in the same shell has its own SDK', () => {
  const sdk = join(folder, 'node_modules/@pulumi/pulumi/cmd/run');
  mkdirSync(sdk, { recursive: true });
  writeFileSync(join(sdk, 'index.js'), 'console.log("its own SDK", ...process.argv.slice(2))');
  const args = ['--monitor', '127.0.0.1:1', '--pwd', folder, 'index.js'];
  expect(runProgram(args)).toBe(`its own SDK ${args.join(' ')}\n`);
});
