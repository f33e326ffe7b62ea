/** An engine that speaks a bit of the Engine API on a Unix socket. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineApi, type ClientOptions } from '../../../core/docker/engine-api';
import { type Connection, ConnectionPool } from '../../../core/ssh/connection';
import { SshServer, type ServerOptions } from '../ssh/server';

export interface SeenRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
}

/** Answers a request; undefined leaves it unanswered. */
export type Route = (request: SeenRequest, response: ServerResponse) => unknown;

/** What is given to a route as an answer with another status than 200. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly message: string,
  ) {}
}

export class FakeEngine {
  readonly folder = mkdtempSync(join(tmpdir(), 'engine-'));
  readonly socketPath = join(this.folder, 'docker.sock');
  readonly requests: SeenRequest[] = [];
  private readonly server = createServer((request, response) => {
    void this.serve(request, response);
  });

  /** @param routes by `GET /path` */
  constructor(readonly routes: Partial<Record<string, Route>>) {}

  async start(): Promise<this> {
    this.server.listen(this.socketPath);
    await once(this.server, 'listening');
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
    rmSync(this.folder, { recursive: true });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://docker');
    const seen = {
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      body: chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as unknown) : undefined,
    };
    this.requests.push(seen);
    const route = this.routes[`${seen.method} ${seen.path}`] ?? (() => new Refusal(404, 'page not found'));
    const answer = route(seen, response);
    if (answer instanceof Refusal) response.writeHead(answer.status).end(JSON.stringify({ message: answer.message }));
    else if (Buffer.isBuffer(answer)) response.end(answer);
    else if (answer !== undefined) response.end(JSON.stringify(answer));
  }
}

export interface SceneOptions {
  server?: ServerOptions;
  connection?: Partial<Connection>;
  client?: ClientOptions;
}

/** An engine on a machine that is reached over SSH. */
export class Scene {
  engine!: FakeEngine;
  ssh!: SshServer;
  private pool!: ConnectionPool;

  async start(routes: Partial<Record<string, Route>>, options: SceneOptions = {}): Promise<EngineApi> {
    this.engine = await new FakeEngine(routes).start();
    this.ssh = await new SshServer({ programs: this.engine.folder, ...options.server }).start();
    this.pool = new ConnectionPool();
    const machine = await this.pool.get('node1', { ...this.ssh.connection, ...options.connection });
    return new EngineApi(machine, { socketPath: this.engine.socketPath, ...options.client });
  }

  async stop(): Promise<void> {
    await this.pool.close();
    await this.ssh.stop();
    await this.engine.stop();
  }
}
