import { z } from 'zod';

const port = z.int().min(1).max(65535);
const text = z.string().min(1);
/** Values of variables, labels and secrets. YAML reads 1.10 as the number 1.1, so only text is taken. */
const texts = z.record(z.string(), z.string());

/** How to log in over SSH. Each field can be given for all nodes under `ssh`, and for one node. */
const login = {
  /** Default: root. */
  user: text.optional(),
  /** Default: 22. */
  port: port.optional(),
  /** A file on this computer; `~` is the home folder. Default: ~/.ssh/id_ed25519, unless a password or agent is given. */
  privateKeyFile: text.optional(),
  /** The passphrase of the key file. */
  privateKeyPassword: text.optional(),
  password: text.optional(),
  /** Socket of an SSH agent that holds the key. */
  agentSocketPath: text.optional(),
};

/** For a user other than root: everything runs through `sudo -n`. Default: false. */
const sudo = z.boolean().optional();

/** A machine's public host key, `<type> <base64>` as in a known_hosts file. */
const hostKey = z
  .string()
  .regex(/^(ssh|ecdsa-sha2|sk-(ssh|ecdsa-sha2))-\S+ [A-Za-z0-9+/]+={0,2}( .*)?$/, {
    error: 'must be a public host key, "<type> <base64>" as ssh-keyscan prints it, without the address in front',
  })
  .optional();

const jumpHost = z.strictObject({ host: text, hostKey, ...login });

const ssh = z.strictObject({
  ...login,
  sudo,
  /** Where host keys are looked up that the file doesn't give. Default: ~/.ssh/known_hosts. */
  knownHostsFile: text.optional(),
  /** Connections go through this machine. Its own login is `ssh`'s where it says nothing else. */
  jumpHost: jumpHost.optional(),
});

/** Machines made on this computer by the lab. */
const umlMachines = z.strictObject({
  kind: z.literal('uml'),
  /** Name of the lab; labs of different names and subnets can be up at the same time. */
  lab: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,14}$/, { error: 'must be at most 15 small letters and digits' })
    .default('dev'),
  /** First three numbers of the lab's /24 network. */
  subnet: z
    .string()
    .regex(/^\d{1,3}(\.\d{1,3}){2}$/, { error: 'must be the first three numbers of an IPv4 network, such as 10.77.0' })
    .default('10.77.0'),
  /** Memory of each machine, MiB. A change is for its next boot. */
  memory: z.int().min(256).default(768),
  /** Disk of each machine, MiB. A change is for machines that are still to be made. */
  disk: z.int().min(2048).default(4096),
});

/** Machines that are there already; the environment neither creates nor destroys them. */
const existingMachines = z.strictObject({ kind: z.literal('existing') });

const engine = z.strictObject({
  /**
   * Package version to hold the engine at, or its beginning. A change rolls through the swarm, one node at a time.
   * Default: the newest at installation, left alone afterwards.
   */
  version: text.optional(),
  /** Debian packages. Default: docker.io and docker-cli. */
  packages: z.array(text).min(1).optional(),
  /** Content of /etc/docker/daemon.json. */
  daemon: z.record(z.string(), z.json()).optional(),
});

const seconds = z.int().min(1).optional();

/** Longest waits, in seconds. */
const limits = z.strictObject({
  /** Tasks end on a drained node, and run elsewhere. Default: 180. */
  drainSeconds: seconds,
  /** A joined or restarted node is Ready, and services have their replicas again. Default: 180. */
  readySeconds: seconds,
  /** The managers see a node Down that has left. Default: 90. */
  downSeconds: seconds,
  /** Another node's turn ends, where nodes are changed one at a time. Default: 3600. */
  turnSeconds: seconds,
  /** Other managers join or leave first. Default: 900. */
  managersSeconds: seconds,
  /** Packages are downloaded and installed. Default: 1800. */
  installSeconds: seconds,
  /** An engine answers that was started or restarted. Default: 120. */
  engineSeconds: seconds,
});

const cluster = z.strictObject({
  /** Managers ask for a key after a restart: `pulumi up --refresh` gives it to them. Default: false. */
  autolock: z.boolean().optional(),
  /** Any text, such as a date; when it changes, the unlock key is made anew. */
  rotateUnlockKey: text.optional(),
  /** Any text, such as a date; when it changes, the join tokens of managers and workers are made anew. */
  rotateJoinTokens: text.optional(),
  /** Finished tasks kept per slot. Default: 5. */
  taskHistoryLimit: z.int().optional(),
  /** Default: 5. */
  heartbeatPeriodSeconds: z.int().optional(),
  /** Of the nodes' certificates, which renew themselves. At least 1. Default: 2160, which is 90 days. */
  certificateExpiryHours: z.int().optional(),
  /** Raft log entries between snapshots. Default: 10000. */
  snapshotInterval: z.int().optional(),
  /** Networks in CIDR form that overlay networks are cut from. Fixed once the swarm exists. Default: 10.0.0.0/8. */
  defaultAddressPools: z.array(text).min(1).optional(),
  /** Prefix length of each overlay network, at most 29. Fixed once the swarm exists. Default: 24. */
  subnetSize: z.int().optional(),
  /** UDP port of overlay traffic, 1024 to 49151. Fixed once the swarm exists. Default: 4789. */
  dataPathPort: z.int().optional(),
  /**
   * Another value of what is fixed rebuilds the swarm: every node leaves and joins anew, and every service ends. That is
   * refused unless this is false. Default: true.
   */
  protect: z.boolean().optional(),
});

/** What holds for all nodes. */
const membership = z.strictObject({
  /** Managers run no tasks while there are workers, unless a node's own `availability` says otherwise. Default: false. */
  drainManagers: z.boolean().optional(),
  /** What happens to node labels that somebody has set by hand. Default: remove. */
  otherLabels: z.enum(['remove', 'keep']).optional(),
});

const node = z.strictObject({
  /** Name of the node and of its machine; a name given once is never given to another machine. */
  name: text,
  role: z.enum(['manager', 'worker']),
  /** The address that other nodes reach it at, fixed for the node's life. */
  address: text,
  labels: texts.default({}),
  /** Default: active; see also `membership.drainManagers`. */
  availability: z.enum(['active', 'pause', 'drain']).optional(),
  /** Where SSH answers. Default: the node's address. Existing machines only, as is all that follows. */
  host: text.optional(),
  hostKey,
  ...login,
  sudo,
  jumpHost: jumpHost.optional(),
});

const stack = z.strictObject({
  /** The compose file, from the project's folder. */
  compose: text,
  /** What `${NAME}` stands for in the compose file. */
  variables: texts.default({}),
  /** Contents of the compose file's secrets, by name. */
  secrets: texts.default({}),
  /** How long services may take to converge, in seconds. Default: 300. */
  convergeTimeoutSeconds: z.int().min(1).optional(),
});

const stackName = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, {
  error: 'a stack name consists of small letters, digits, dashes and underscores',
});

/** The value of `swarm:environment` in an environment file. Keys it doesn't know are errors. */
export const environmentSchema = z.strictObject({
  machines: z.discriminatedUnion('kind', [umlMachines, existingMachines]),
  ssh: ssh.default({}),
  engine: engine.default({}),
  limits: limits.optional(),
  cluster: cluster.default({}),
  membership: membership.default({}),
  nodes: z.array(node).min(1),
  stacks: z.record(stackName, stack).default({}),
});

/** An environment file as written, with defaults filled in. */
export type EnvironmentFile = z.output<typeof environmentSchema>;
export type NodeEntry = EnvironmentFile['nodes'][number];
export type JumpHostEntry = z.output<typeof jumpHost>;
export type Login = z.output<z.ZodObject<typeof login>>;
