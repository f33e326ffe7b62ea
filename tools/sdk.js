/** What of the Pulumi SDK a run needs, as one bundle (see bundle.js): how to load each module. */
'use strict';

module.exports = {
  '@pulumi/pulumi': () => require('@pulumi/pulumi'),
  '@pulumi/pulumi/runtime': () => require('@pulumi/pulumi/runtime'),
  // Runs the program that the arguments of the process name.
  '@pulumi/pulumi/cmd/run': () => require('@pulumi/pulumi/cmd/run'),
};
