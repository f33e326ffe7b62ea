'use strict';

/** What all projects share: TypeScript by swc (types are checked by tsc), no mocks left over between tests. */
const base = {
  testEnvironment: 'node',
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
    '\\.sh$': '<rootDir>/test/support/text-transform.js',
  },
  restoreMocks: true,
};

const project = (displayName, folder, more = {}) => ({
  ...base,
  displayName,
  testMatch: [`<rootDir>/test/${folder}/**/*.test.ts`],
  ...more,
});

module.exports = {
  projects: [
    project('unit', 'unit'),
    project('provider', 'provider'),
    project('browser', 'visualizer'),
    project('e2e', 'e2e'),
  ],
};
