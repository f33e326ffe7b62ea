/** The Pulumi package schema of the provider, from which programs in other languages get their types. */
type Property = Record<string, unknown>;

const string = (description: string, more: Property = {}): Property => ({ type: 'string', description, ...more });
const integer = (description: string): Property => ({ type: 'integer', description });
const boolean = (description: string): Property => ({ type: 'boolean', description });
const list = (items: Property, description: string): Property => ({ type: 'array', items, description });
const map = (values: Property, description: string): Property => ({
  type: 'object',
  additionalProperties: values,
  description,
});
const reference = (type: string, description: string): Property => ({
  $ref: `#/types/swarm:index:${type}`,
  description,
});
const any = (description: string): Property => ({ $ref: 'pulumi.json#/Any', description });
const text = { type: 'string' };
const secret = { secret: true };

const types = {
  Connection: {
    type: 'object',
    description: 'How to reach a machine over SSH.',
    properties: {
      host: string('Host name or address.'),
      port: integer('Default 22.'),
      user: string('Default root.'),
      privateKey: string('Private key in OpenSSH or PEM format.', secret),
      privateKeyPassword: string('Passphrase of the private key.', secret),
      password: string('Password of the user.', secret),
      agentSocketPath: string('Unix socket of an SSH agent.'),
      hostKey: string('Public host key of the machine, `ssh-ed25519 AAAA…`; it is always verified.'),
      proxy: reference('Connection', 'Jump host.'),
      sudo: boolean('Run commands through `sudo -n`. Default false.'),
      dialErrorLimit: integer('Tries before giving up. Default 10.'),
      perDialTimeout: integer('Seconds for each try. Default 15.'),
    },
    required: ['host', 'hostKey'],
  },
  ManagerEndpoint: {
    type: 'object',
    description: 'A manager of the environment; whatever needs one is given all and uses one that works.',
    properties: {
      name: string('Name of the machine.'),
      address: string('Advertise address.'),
      connection: reference('Connection', 'How to reach it.'),
    },
    required: ['name', 'address', 'connection'],
  },
  Limits: {
    type: 'object',
    description: 'Longest waits, in seconds. A change of limits alone is no change.',
    properties: {
      drainSeconds: integer('For tasks to end on a drained node and run elsewhere. Default 180.'),
      readySeconds: integer('For a node to be Ready, and services to have their replicas again. Default 180.'),
      downSeconds: integer('For the managers to see a node Down that has left. Default 90.'),
      turnSeconds: integer('For another node’s turn to end. Default 3600.'),
      managersSeconds: integer('For other managers to join or leave first. Default 900.'),
      installSeconds: integer('For packages to be downloaded and installed. Default 1800.'),
      engineSeconds: integer('For an engine to answer that was started. Default 120.'),
    },
  },
  ClusterSpec: {
    type: 'object',
    description: 'Settings of the swarm that can change while it runs.',
    properties: {
      autolock: boolean('Managers need a key to start again. Default false.'),
      taskHistoryLimit: integer('Ended tasks kept per slot. Default 5.'),
      heartbeatPeriodSeconds: integer('Seconds between heartbeats. Default 5.'),
      certificateExpiryHours: integer('Hours a node certificate is valid. Default 2160.'),
      snapshotInterval: integer('Raft log entries between snapshots. Default 10000.'),
    },
  },
};

const connection = reference('Connection', 'How to reach the machine.');
const managers = list(
  { $ref: '#/types/swarm:index:ManagerEndpoint' },
  'All managers of the environment, in any order.',
);

const limits = reference('Limits', 'Longest waits.');

/** Inputs that a resource shows again among its outputs under the same name. */
interface ResourceShape {
  description: string;
  required: string[];
  echoed: Record<string, Property>;
  inputs: Record<string, Property>;
  outputs: Record<string, Property>;
  /** Outputs that can be absent. */
  optional?: Record<string, Property>;
}

const shapes: Record<string, ResourceShape> = {
  Preflight: {
    description: 'The first contact with a machine, and the proof that it can carry a node. Changes nothing.',
    required: ['name', 'connection'],
    echoed: { name: string('Name of the machine.') },
    inputs: { connection },
    outputs: {
      kernelVersion: string('Running kernel.'),
      architecture: string('Architecture of the machine.'),
      distribution: string('Distribution and its version.'),
    },
  },
  Engine: {
    description: 'The Docker engine of one machine: packages, version, daemon.json.',
    required: ['name', 'connection'],
    echoed: {
      name: string('Name of the machine.'),
      packages: list(text, 'Debian packages. Default docker.io and docker-cli.'),
      version: string('Pinned package version, or its beginning.'),
      daemon: map({ $ref: 'pulumi.json#/Any' }, 'Content of daemon.json. Default: left alone.'),
    },
    inputs: { connection, managers, limits },
    outputs: {
      installedVersion: string('Version of the first package.'),
      apiVersion: string('Version of the Engine API.'),
      storageDriver: string('Storage driver.'),
      architecture: string('Architecture of the machine.'),
      operatingSystem: string('Operating system of the machine.'),
      kernelVersion: string('Running kernel.'),
      daemonFile: any('daemon.json as it is on disk.'),
      answers: boolean('Whether the engine answered when it was last looked at.'),
    },
  },
  Cluster: {
    description: 'The swarm: found on its managers and adopted, or initialised on one of them.',
    required: ['name', 'managers'],
    echoed: {
      name: string('Name of the environment’s swarm, for messages.'),
      spec: reference('ClusterSpec', 'Settings that can change while it runs.'),
      defaultAddressPools: list(text, 'Address pools of overlay networks, CIDR. A change rebuilds the swarm.'),
      subnetSize: integer('Prefix length of each overlay network. A change rebuilds the swarm.'),
      dataPathPort: integer('UDP port of overlay networks. A change rebuilds the swarm.'),
      rotateJoinTokens: string('Any text; when it changes, both join tokens are made anew.'),
      rotateUnlockKey: string('Any text; when it changes, the unlock key is made anew.'),
    },
    inputs: { managers, protect: boolean('Refuses changes that rebuild the swarm. Default true.') },
    outputs: { clusterId: string('Id of the swarm.'), createdAt: string('When it was made, RFC 3339.') },
    optional: {
      locked: list(text, 'Names of the managers that waited for the unlock key when last seen.'),
      formerManagers: {
        ...managers,
        description: 'Managers that are being replaced all at once, until one of the others has taken over.',
        ...secret,
      },
      unlockKey: string('What managers ask for after a restart; only with autolock.', secret),
    },
  },
  Node: {
    description: 'A machine as a member of the swarm.',
    required: ['clusterId', 'name', 'address', 'role', 'connection', 'managers'],
    echoed: {
      clusterId: string('Id of the swarm.'),
      name: string('Name of the machine.'),
      address: string('Advertise address, fixed for the life of the node.'),
      role: string('manager or worker.'),
      labels: map(text, 'Node labels.'),
      availability: string('active, pause or drain. Default active.'),
    },
    inputs: {
      connection,
      managers,
      limits,
      otherLabels: string('What happens to labels set by hand: remove or keep. Default remove.'),
    },
    outputs: {
      nodeId: string('Id of the node.'),
      state: string('ready, down, disconnected or unknown.'),
      hostname: string('Host name, as the swarm shows it.'),
      engineVersion: string('Version of its engine.'),
    },
  },
  Stack: {
    description: 'A compose application on the swarm, deployed and waited for.',
    required: ['clusterId', 'name', 'compose', 'file', 'managers'],
    echoed: {
      clusterId: string('Id of the swarm.'),
      name: string('Name of the stack.'),
      file: string('Path of the compose file, for messages.'),
    },
    inputs: {
      compose: string('Text of the compose file.'),
      variables: map(text, 'Variables for interpolation.'),
      configs: map(text, 'Contents of configs by name.'),
      secrets: { ...map(text, 'Contents of secrets by name.'), ...secret },
      convergeTimeoutSeconds: integer('Longest wait for the services to converge. Default 300.'),
      managers,
    },
    outputs: {
      services: any('Image, mode, replicas and ports of each service.'),
      deployed: any('What the services looked like when they had been deployed.'),
      observed: any('What they looked like when last seen.'),
    },
  },
};

/** The schema as JSON. */
export function schema(version: string): string {
  const resources = Object.entries(shapes).map(
    ([name, { description, required, echoed, inputs, outputs, optional }]) => [
      `swarm:index:${name}`,
      {
        description,
        inputProperties: { ...echoed, ...inputs },
        requiredInputs: required,
        properties: { ...echoed, ...outputs, ...optional },
        required: [...required.filter((key) => key in echoed), ...Object.keys(outputs)],
      },
    ],
  );
  return JSON.stringify({
    name: 'swarm',
    version,
    description: 'Docker Swarm as real Pulumi resources: engines, the cluster, nodes and stacks.',
    types,
    resources: Object.fromEntries(resources) as object,
  });
}
