/** From an environment file to running stacks: machines, hosts, swarm, stacks. */
import * as pulumi from '@pulumi/pulumi';
import { Host } from './components/hosts';
import { MachineFactory } from './components/machines';
import { ComposeStack } from './components/stacks';
import { dockerHost as dockerHostOf, managerEndpoints, Swarm } from './components/swarm';
import { loadEnvironment } from './config';

const environment = loadEnvironment();

const factory = new MachineFactory();
const machines = environment.nodes.map((node) => ({ ...node, machine: factory.create(node.machine) }));
const control = managerEndpoints(machines);
const [anyManager] = control;

const members = machines.map(({ machine, ...node }) => ({
  ...node,
  host: new Host(node.name, { machine, engine: environment.engine, limits: environment.limits, managers: control }),
}));

const swarm = new Swarm(environment.name, {
  members,
  managers: control,
  cluster: environment.cluster,
  limits: environment.limits,
});

const stacks = environment.stacks.map(({ name, ...stack }): [string, ComposeStack] => [
  name,
  new ComposeStack(
    name,
    {
      ...stack,
      clusterId: swarm.clusterId,
      managers: control,
      endpoints: machines.map(({ machine }) => machine.endpoint),
    },
    // Nothing moves tasks once they run: a stack deployed earlier would crowd the first nodes.
    { dependsOn: swarm },
  ),
]);

/** Every node: name, role, address, node id, labels. */
export const nodes = swarm.nodes;
/** Advertise addresses of the managers. */
export const managers = control.map(({ address }) => address);
/** By stack and service, the URLs that answer. */
export const endpoints = pulumi.all(Object.fromEntries(stacks.map(([name, { endpoints: urls }]) => [name, urls])));
/** A manager, as DOCKER_HOST wants it. */
export const dockerHost = anyManager && dockerHostOf(anyManager);
