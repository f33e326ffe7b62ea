/**
 * What becomes of a key of a compose file under swarm.
 * `honoured`: it does what the Compose specification says. `translated`: it is rewritten to the form that swarm honours,
 * or has nothing to do there. Anything else is the reason why it is refused, and the cure.
 *
 * The refusals follow docker/cli: what `docker stack deploy` rejects (ForbiddenProperties and the schema 3.12 of
 * Docker 26), only warns of (UnsupportedProperties, DeprecatedProperties), or reads and then leaves out of the service
 * (cli/compose/convert): all of these would run something else than the file says.
 */
export type Support = 'honoured' | 'translated' | { refused: string };

export type SupportTable = Readonly<Record<string, Support>>;

/** A refusal; `why` says the cause and the cure. */
export const refused = (why: string): Support => ({ refused: why });

export const TOP_KEYS: SupportTable = {
  services: 'honoured',
  networks: 'honoured',
  volumes: 'honoured',
  configs: 'honoured',
  secrets: 'honoured',
  version: 'translated',
  name: refused('the name of a stack is its key in the environment file; remove the key'),
  include: refused('swarm has no includes; put the services into this file'),
  models: refused('swarm runs no models; run the model as a service'),
};

export const DEPLOY_KEYS: SupportTable = {
  mode: 'honoured',
  replicas: 'honoured',
  endpoint_mode: 'honoured',
  labels: 'honoured',
  placement: 'honoured',
  resources: 'honoured',
  update_config: 'honoured',
  rollback_config: 'honoured',
  restart_policy: 'honoured',
};

export const PLACEMENT_KEYS: SupportTable = {
  constraints: 'honoured',
  preferences: 'honoured',
  max_replicas_per_node: 'honoured',
};
export const RESOURCES_KEYS: SupportTable = { limits: 'honoured', reservations: 'honoured' };
export const LIMITS_KEYS: SupportTable = { cpus: 'honoured', memory: 'honoured', pids: 'honoured' };
export const RESERVATIONS_KEYS: SupportTable = {
  cpus: 'honoured',
  memory: 'honoured',
  generic_resources: 'honoured',
  devices: refused('swarm does not read it; use generic_resources'),
};
export const UPDATE_KEYS: SupportTable = {
  parallelism: 'honoured',
  delay: 'honoured',
  failure_action: 'honoured',
  monitor: 'honoured',
  max_failure_ratio: 'honoured',
  order: 'honoured',
};
export const RESTART_KEYS: SupportTable = {
  condition: 'honoured',
  delay: 'honoured',
  max_attempts: 'honoured',
  window: 'honoured',
};
export const HEALTHCHECK_KEYS: SupportTable = {
  test: 'honoured',
  interval: 'honoured',
  timeout: 'honoured',
  retries: 'honoured',
  start_period: 'honoured',
  start_interval: 'honoured',
  disable: 'honoured',
};
export const LOGGING_KEYS: SupportTable = { driver: 'honoured', options: 'honoured' };
export const PORT_KEYS: SupportTable = {
  target: 'honoured',
  published: 'honoured',
  protocol: 'honoured',
  mode: 'honoured',
  name: 'translated',
  app_protocol: 'translated',
  host_ip: refused('swarm publishes on every address of a node; remove the key and filter with a firewall'),
};
export const MOUNT_KEYS: SupportTable = {
  type: 'honoured',
  source: 'honoured',
  target: 'honoured',
  read_only: 'honoured',
  bind: 'honoured',
  volume: 'honoured',
  tmpfs: 'honoured',
  consistency: 'translated',
};
export const BIND_KEYS: SupportTable = {
  propagation: 'honoured',
  create_host_path: refused(
    'swarm creates no directories on nodes; make the directory on every node and remove the key',
  ),
  selinux: refused('swarm relabels nothing; remove the key'),
  recursive: refused('docker stack deploy does not read it; remove the key'),
};
export const VOLUME_OPTION_KEYS: SupportTable = {
  nocopy: 'honoured',
  subpath: refused('Docker 26 does not read it in a stack; mount the whole volume'),
};
export const TMPFS_KEYS: SupportTable = {
  size: 'honoured',
  mode: refused('docker stack deploy does not read it; remove the key'),
};
export const SERVICE_NETWORK_KEYS: SupportTable = {
  aliases: 'honoured',
  ipv4_address: refused('swarm assigns addresses itself; use the service name or an alias'),
  ipv6_address: refused('swarm assigns addresses itself; use the service name or an alias'),
  link_local_ips: refused('swarm assigns addresses itself; remove the key'),
  mac_address: refused('swarm assigns it; remove the key'),
  driver_opts: refused('Docker 26 does not read it in a stack; set driver_opts on the network'),
  priority: refused('swarm ignores it; remove the key'),
  gw_priority: refused('swarm ignores it; remove the key'),
  interface_name: refused('swarm ignores it; remove the key'),
};
export const NETWORK_KEYS: SupportTable = {
  name: 'honoured',
  external: 'honoured',
  driver: 'honoured',
  driver_opts: 'honoured',
  attachable: 'honoured',
  internal: 'honoured',
  labels: 'honoured',
  ipam: 'honoured',
  enable_ipv4: refused('docker stack deploy does not read it; remove the key'),
  enable_ipv6: refused('docker stack deploy does not read it; make the network beforehand and declare it external'),
};
export const IPAM_KEYS: SupportTable = {
  driver: 'honoured',
  config: 'honoured',
  options: refused('docker stack deploy does not read it; remove the key'),
};
const onlySubnet = refused(
  'docker stack deploy reads only subnet; make the network beforehand and declare it external',
);
export const IPAM_POOL_KEYS: SupportTable = {
  subnet: 'honoured',
  gateway: onlySubnet,
  ip_range: onlySubnet,
  aux_addresses: onlySubnet,
};
export const VOLUME_KEYS: SupportTable = {
  name: 'honoured',
  external: 'honoured',
  driver: 'honoured',
  driver_opts: 'honoured',
  labels: 'honoured',
};
export const CONFIG_KEYS: SupportTable = {
  name: 'honoured',
  external: 'honoured',
  file: 'translated',
  content: 'translated',
  labels: 'honoured',
  template_driver: refused('templates are not supported yet; use variables in the content'),
  environment: refused('use content with a variable'),
};
export const SECRET_KEYS: SupportTable = {
  name: 'honoured',
  external: 'honoured',
  file: 'translated',
  labels: 'honoured',
  template_driver: refused('templates are not supported yet; give the finished content'),
  content: refused('a compose file is no place for a secret; give it under secrets in the environment file'),
  environment: refused('give it under secrets in the environment file'),
  driver: refused('secret drivers are not supported; declare the secret external'),
  driver_opts: refused('secret drivers are not supported; declare the secret external'),
};
export const FILE_REFERENCE_KEYS: SupportTable = {
  source: 'honoured',
  target: 'honoured',
  uid: 'honoured',
  gid: 'honoured',
  mode: 'honoured',
};
