/**
 * Parts of the Pulumi SDK that take three quarters of its loading time and that this program never uses, and what
 * stands in for each. Whoever comes to use one is told so, and can run with the whole SDK.
 */
'use strict';

const refuse = (what) => () => {
  throw new Error(
    `${what} left out of the Pulumi SDK as this project loads it (tools/left-out.js); ` +
      'to run with the whole SDK: unset PULUMI_LANGUAGE_NODEJS_RUN_PATH',
  );
};
const serialize = refuse('dynamic providers and serialized functions are');

/** By module. */
module.exports = {
  // These load the TypeScript compiler and npm's dependency solver, and switch V8's debugger on.
  '@pulumi/pulumi/runtime/closure/serializeClosure.js': {
    serializeFunction: serialize,
    serializeFunctionAsync: serialize,
  },
  '@pulumi/pulumi/runtime/closure/codePaths.js': { computeCodePaths: refuse('packages of serialized functions are') },
  '@pulumi/pulumi/runtime/closure/v8Hooks.js': { isInitializedAsync: () => Promise.resolve() },
  '@pulumi/pulumi/automation/index.js': new Proxy(
    { __esModule: true },
    { get: (part, name) => part[name] ?? refuse('the automation API is')() },
  ),
  // OpenTelemetry; a run that is to be traced has the whole SDK (run-program.js).
  '@pulumi/pulumi/cmd/run/instrumentation.js': {
    withRootContext: (run) => run(),
    shutdownTracing: () => Promise.resolve(),
  },
  '@pulumi/pulumi/cmd/run/tracing.js': {
    newSpan: () => ({ setAttribute() {}, addEvent() {}, end() {} }),
  },
  // Maps every stack trace through all source maps of the SDK; program.js switches it off for the same reason.
  'source-map-support/register.js': {},
};
