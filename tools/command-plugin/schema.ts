/** The Pulumi package schema of what the stand-in offers: the official one's, less what it lacks. */
type Property = Record<string, unknown>;

const text = (description: string): Property => ({ type: 'string', description });
const secret = (description: string): Property => ({ ...text(description), secret: true });
const count = (description: string, byDefault: number): Property => ({
  type: 'integer',
  description,
  default: byDefault,
});
const reference = (name: string): string => `#/types/command:${name}`;

const connectionProperties: Record<string, Property> = {
  host: text('The address of the machine.'),
  port: { type: 'number', description: 'The port to connect to.', default: 22 },
  user: { ...text('The user to log in as.'), default: 'root' },
  password: secret("The user's password."),
  privateKey: secret('The contents of an SSH key. It is tried before the password.'),
  privateKeyPassword: secret('The passphrase of the private key.'),
  agentSocketPath: text('The socket of an SSH agent. Default: the environment variable SSH_AUTH_SOCK.'),
  hostKey: text("The machine's public key. Without it the machine is not verified."),
  dialErrorLimit: count('How many times to try to connect; -1 for ever.', 10),
  perDialTimeout: count('Seconds that one try may take; 0 for no limit.', 15),
};

const logging: Property = {
  type: 'string',
  description: 'What is shown while the command runs.',
  enum: ['stdout', 'stderr', 'stdoutAndStderr', 'none'].map((value) => ({ name: value, value })),
};

const types: Record<string, Property> = {
  'local:Logging': logging,
  'remote:Logging': logging,
  'remote:ProxyConnection': { type: 'object', properties: connectionProperties, required: ['host'] },
  'remote:Connection': {
    type: 'object',
    properties: { ...connectionProperties, proxy: { $ref: reference('remote:ProxyConnection') } },
    required: ['host'],
  },
};

const inputs: Record<string, Property> = {
  create: text('Runs when the resource is created, and when it is updated if there is no `update`.'),
  update: text('Runs when an input other than the triggers has changed.'),
  delete: text('Runs when the resource is deleted.'),
  triggers: {
    type: 'array',
    items: { $ref: 'pulumi.json#/Any' },
    description: 'The resource is replaced when one of them changes.',
    replaceOnChanges: true,
  },
  stdin: text('Standard input of the command.'),
  environment: {
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Environment variables of the command.',
  },
  addPreviousOutputInEnv: {
    type: 'boolean',
    description: 'Whether the command finds the output of the run before in PULUMI_COMMAND_STDOUT and _STDERR.',
    default: true,
  },
};

const outputs: Record<string, Property> = {
  stdout: text('What the command printed on standard output.'),
  stderr: text('What the command printed on standard error.'),
};

function resource(kind: 'local' | 'remote', own: Record<string, Property>, required: string[]): Property {
  const inputProperties = { ...inputs, logging: { $ref: reference(`${kind}:Logging`) }, ...own };
  return {
    inputProperties,
    requiredInputs: required,
    properties: { ...inputProperties, ...outputs },
    required: [...required, 'stdout', 'stderr'],
  };
}

export function commandSchema(version: string): string {
  const local = {
    dir: text('The folder to run the command in. Default: where Pulumi runs.'),
    interpreter: {
      type: 'array',
      items: { type: 'string' },
      description: 'The program that is given the command. Default: /bin/sh -c',
    },
  };
  const remote = { connection: { $ref: reference('remote:Connection'), secret: true } };
  return JSON.stringify({
    name: 'command',
    version,
    types: Object.fromEntries(Object.entries(types).map(([name, type]) => [`command:${name}`, type])),
    provider: {},
    resources: {
      'command:local:Command': resource('local', local, []),
      'command:remote:Command': resource('remote', remote, ['connection']),
    },
  });
}
