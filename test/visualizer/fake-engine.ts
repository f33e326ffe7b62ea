import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';

/** The fields of the recorded objects that tests change; the objects have many more. */
export interface Swarm {
  nodes: { ID: string; Status: { State: string; Message?: string }; Spec: { Availability: string } }[];
  services: { ID: string; Spec: { Name: string; Mode: { Replicated: { Replicas: number } } } }[];
  tasks: Task[];
}

export interface Task {
  ID: string;
  ServiceID: string;
  NodeID: string;
  Slot: number;
  DesiredState: string;
  Status: { Timestamp: string; State: string; Err?: string };
}

/** A Docker engine on a unix socket that serves a swarm recorded from Docker: node1 to node5, the stack home. */
export class FakeEngine {
  readonly swarm: Swarm;
  private server: Server | undefined;
  private readonly watchers = new Set<ServerResponse>();

  constructor(private readonly socket: string) {
    const recording = join(__dirname, '../../stacks/home/visualizer/testdata/swarm.json');
    this.swarm = JSON.parse(readFileSync(recording, 'utf8')) as Swarm;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.answer(request.url ?? '', response);
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.socket, resolve));
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    rmSync(this.socket, { force: true });
  }

  /** Changes the swarm and emits the event that a manager would. */
  change(edit: (swarm: Swarm) => void): void {
    edit(this.swarm);
    for (const watcher of this.watchers) watcher.write('{"Type":"service","Action":"update","scope":"swarm"}\n');
  }

  /** The recorded task in a slot of the service httpd. */
  httpd(slot: number): Task {
    const service = this.swarm.services.find(({ Spec }) => Spec.Name === 'home_httpd');
    const task = this.swarm.tasks.find(({ ServiceID, Slot }) => ServiceID === service?.ID && Slot === slot);
    if (!task) throw new Error(`testdata/swarm.json has no task ${slot} of home_httpd`);
    return task;
  }

  private answer(url: string, response: ServerResponse): void {
    response.setHeader('Api-Version', '1.45');
    const path = url.replace('/v1.45/', '').split('?')[0];
    switch (path) {
      case '/_ping':
        response.end('OK');
        return;
      case 'events':
        this.watchers.add(response);
        response.on('close', () => this.watchers.delete(response));
        response.flushHeaders();
        return;
      case 'nodes':
      case 'services':
      case 'tasks':
        response.end(JSON.stringify(this.swarm[path]));
        return;
      default:
        response.statusCode = 404;
        response.end(JSON.stringify({ message: `page not found: ${url}` }));
    }
  }
}
