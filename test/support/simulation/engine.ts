/** The Engine API of a simulated machine, as far as the project asks it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type ApiNode, type NodeSpec, type ServiceSpec, type SwarmSpec } from '../../../core/docker/types';
import { type Membership, type SimulatedMachine } from './machine';
import { init, type InitRequest, join, type JoinRequest, leave } from './membership';
import { Refusal } from './refusal';
import { type Simulation } from './simulation';
import { newToken } from './swarm';

interface Call {
  simulation: Simulation;
  machine: SimulatedMachine;
  /** What stood for `*` in the route. */
  id: string;
  query: URLSearchParams;
  filters: Record<string, string[]>;
  body: unknown;
}

/** The server to give connections to, however they came. */
export function engineOf(simulation: Simulation, machine: SimulatedMachine): Server {
  return createServer((request, response) => {
    void serve(simulation, machine, request, response);
  });
}

async function serve(
  simulation: Simulation,
  machine: SimulatedMachine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '/', 'http://docker');
  const text = Buffer.concat(chunks).toString();
  const route = `${request.method ?? 'GET'} ${url.pathname.replace(/^\/v[\d.]+/, '')}`;
  try {
    await simulation.faults.before(machine, route);
    const found = routeOf(route);
    if (!found) throw new Refusal(404, `page not found: ${route}`);
    const filters = JSON.parse(url.searchParams.get('filters') ?? '{}') as Call['filters'];
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const answer = found.handle({ simulation, machine, id: found.id, query: url.searchParams, filters, body });
    await simulation.faults.after(machine, route);
    response.end(answer === undefined ? '' : JSON.stringify(answer));
  } catch (error) {
    const { status, message } = error instanceof Refusal ? error : { status: 500, message: String(error) };
    response.writeHead(status).end(JSON.stringify({ message }));
  }
}

type Handler = (call: Call) => unknown;

function routeOf(route: string): { handle: Handler; id: string } | undefined {
  const exact = ROUTES[route];
  if (exact) return { handle: exact, id: '' };
  const [, before = '', id = '', after = ''] = /^(\w+ \/\w+\/)([^/]+)(.*)$/.exec(route) ?? [];
  const handle = ROUTES[`${before}*${after}`];
  return handle && { handle, id };
}

const ROUTES: Partial<Record<string, Handler>> = {
  'GET /info': ({ machine }) => machine.info(),
  'GET /version': ({ machine }) => machine.version(),
  'GET /swarm': (call) => swarmOf(call).inspect(),
  'POST /swarm/init': ({ simulation, machine, body }) => init(simulation, machine, body as InitRequest),
  'POST /swarm/join': ({ simulation, machine, body }) => {
    join(simulation, machine, body as JoinRequest);
  },
  'POST /swarm/leave': ({ simulation, machine, query }) => {
    leave(simulation, machine, query.get('force') === 'true');
  },
  'POST /swarm/update': (call) => {
    const swarm = swarmOf(call);
    assertVersion(call, swarm.inspect().Version.Index);
    swarm.spec = call.body as SwarmSpec;
    if (call.query.get('rotateWorkerToken') === 'true') swarm.tokens.Worker = newToken();
    if (call.query.get('rotateManagerToken') === 'true') swarm.tokens.Manager = newToken();
    swarm.nextVersion();
  },
  'GET /swarm/unlockkey': (call) => {
    const { spec, unlockKey } = swarmOf(call);
    return { UnlockKey: spec.EncryptionConfig?.AutoLockManagers === true ? unlockKey : '' };
  },
  'GET /nodes': (call) => filtered(swarmOf(call).list(), call.filters),
  'GET /nodes/*': (call) => {
    const swarm = swarmOf(call);
    const member = swarm.find(call.id);
    return member.entry(member === swarm.leader);
  },
  'POST /nodes/*/update': (call) => {
    const swarm = swarmOf(call);
    const member = swarm.find(call.id);
    assertVersion(call, member.version);
    const to = call.body as NodeSpec;
    call.simulation.record.note({ kind: 'change', swarm, member, to }, call.simulation.swarms);
    swarm.change(member, to);
  },
  'DELETE /nodes/*': (call) => {
    const swarm = swarmOf(call);
    const member = swarm.find(call.id);
    const force = call.query.get('force') === 'true';
    call.simulation.record.note({ kind: 'remove', swarm, member, force }, call.simulation.swarms);
    swarm.remove(member, force);
  },
  'GET /tasks': (call) => {
    const { node, service } = call.filters;
    return swarmOf(call)
      .workload.list()
      .filter((task) => !node || node.includes(task.NodeID ?? ''))
      .filter((task) => !service || service.includes(task.ServiceID));
  },
  'GET /services': (call) => [...swarmOf(call).workload.services.values()],
  'POST /services/create': (call) => {
    const swarm = swarmOf(call);
    return { ID: swarm.workload.deploy(call.body as ServiceSpec, swarm.nextVersion()).ID };
  },
  'DELETE /services/*': (call) => {
    swarmOf(call).workload.remove(call.id);
  },
  'GET /networks': () => [],
  'GET /secrets': () => [],
  'GET /configs': () => [],
};

/** @throws Refusal as an engine does that is no manager, or whose group has no leader */
function swarmOf({ machine }: Call): Membership['swarm'] {
  const { membership } = machine;
  membership?.swarm.settle();
  if (!membership) {
    throw new Refusal(
      503,
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    );
  }
  if (!membership.member.isManager) {
    throw new Refusal(
      503,
      "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.",
    );
  }
  membership.swarm.assertLeader();
  return membership.swarm;
}

function assertVersion({ query }: Call, version: number): void {
  if (Number(query.get('version')) !== version) {
    throw new Refusal(500, 'rpc error: code = Unknown desc = update out of sequence');
  }
}

function filtered(nodes: ApiNode[], { id, name, role }: Call['filters']): ApiNode[] {
  return nodes
    .filter((node) => !id || id.includes(node.ID))
    .filter((node) => !name || name.includes(node.Description.Hostname))
    .filter((node) => !role || role.includes(node.Spec.Role));
}
