/** Starts a provider plugin as the engine does and speaks the provider protocol to it. */
import { spawn, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { EngineService } from '@pulumi/pulumi/proto/engine_grpc_pb';
import { type LogRequest } from '@pulumi/pulumi/proto/engine_pb';
import { ResourceProviderClient } from '@pulumi/pulumi/proto/provider_grpc_pb';
import * as rpc from '@pulumi/pulumi/proto/provider_pb';
import { decode, encode, type Decoded, type PropertyMap, type PropertyPath } from '../../provider/protocol/values';

export const projectRoot = path.resolve(__dirname, '../..');

type Unary<Response> = (
  request: unknown,
  callback: (error: grpc.ServiceError | null, response: Response) => void,
) => unknown;

/** A log or status line that the plugin has sent. */
export interface LoggedLine {
  message: string;
  ephemeral: boolean;
}

/** A running plugin. Resources are named by their token; each test may use any name for them. */
export class Plugin {
  readonly lines: LoggedLine[] = [];

  private constructor(
    readonly process: ChildProcess,
    readonly client: ResourceProviderClient,
    private readonly engine: grpc.Server,
    lines: LoggedLine[],
  ) {
    this.lines = lines;
  }

  /** @param executable relative to the project's root */
  static async start(executable: string): Promise<Plugin> {
    const lines: LoggedLine[] = [];
    const { server, port: enginePort } = await serveEngine(lines);
    const child = spawn(path.join(projectRoot, executable), [`127.0.0.1:${enginePort}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const port = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (data: Buffer) => {
        resolve(data.toString().trim());
      });
      child.once('exit', (code) => {
        reject(new Error(`${executable} ended with ${String(code)} before it said its port`));
      });
    });
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    return new Plugin(child, client, server, lines);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.client.close();
    this.process.kill();
    this.engine.forceShutdown();
    await ended;
  }

  /** The reasons of the failures, and the inputs as the plugin wants them kept. */
  async check(token: string, news: PropertyMap, secretPaths?: ReadonlySet<PropertyPath>, name?: string) {
    const request = new rpc.CheckRequest().setUrn(urn(token, name)).setNews(encode(news, secretPaths));
    const response = await this.call<rpc.CheckResponse>(this.client.check.bind(this.client), request);
    const failures = response.getFailuresList().map((failure) => failure.getReason());
    return { failures, inputs: decode(response.getInputs()) };
  }

  /** The changed paths and what kind of change each is, `UPDATE` or `UPDATE_REPLACE` for instance. */
  async diff(token: string, old: { inputs: PropertyMap; outputs: PropertyMap }, news: PropertyMap) {
    const request = new rpc.DiffRequest()
      .setId('id')
      .setUrn(urn(token))
      .setOldInputs(encode(old.inputs))
      .setOlds(encode(old.outputs))
      .setNews(encode(news));
    const response = await this.call<rpc.DiffResponse>(this.client.diff.bind(this.client), request);
    const kinds = Object.entries(rpc.PropertyDiff.Kind);
    const changes: Record<string, string | undefined> = {};
    response.getDetaileddiffMap().forEach((diff, property) => {
      changes[property] = kinds.find(([, value]) => value === diff.getKind())?.[0];
    });
    return { changes, deleteBeforeReplace: response.getDeletebeforereplace() };
  }

  async create(
    token: string,
    inputs: PropertyMap,
    options: { preview?: boolean; secretPaths?: ReadonlySet<PropertyPath> } = {},
  ): Promise<Decoded & { id: string }> {
    const request = new rpc.CreateRequest()
      .setUrn(urn(token))
      .setPreview(options.preview ?? false)
      .setProperties(encode(inputs, options.secretPaths));
    const response = await this.call<rpc.CreateResponse>(this.client.create.bind(this.client), request);
    return { id: response.getId(), ...decode(response.getProperties()) };
  }

  async update(
    token: string,
    old: { id: string; inputs: PropertyMap; outputs: PropertyMap },
    news: PropertyMap,
    options: { preview?: boolean } = {},
  ): Promise<Decoded> {
    const request = new rpc.UpdateRequest()
      .setId(old.id)
      .setUrn(urn(token))
      .setPreview(options.preview ?? false)
      .setOldInputs(encode(old.inputs))
      .setOlds(encode(old.outputs))
      .setNews(encode(news));
    const response = await this.call<rpc.UpdateResponse>(this.client.update.bind(this.client), request);
    return decode(response.getProperties());
  }

  async delete(token: string, old: { id: string; inputs: PropertyMap; outputs: PropertyMap }): Promise<void> {
    const request = new rpc.DeleteRequest()
      .setId(old.id)
      .setUrn(urn(token))
      .setOldInputs(encode(old.inputs))
      .setProperties(encode(old.outputs));
    await this.call<Empty>(this.client.delete.bind(this.client), request);
  }

  /** @param method bound to the client; of its overloads, the one without options */
  async call<Response>(method: unknown, request: unknown): Promise<Response> {
    return new Promise((resolve, reject) => {
      (method as Unary<Response>)(request, (error, response) => {
        if (error) reject(new Error(error.details));
        else resolve(response);
      });
    });
  }
}

/** A URN of a resource of that type. */
export function urn(token: string, name = 'test'): string {
  return `urn:pulumi:test::test::${token}::${name}`;
}

/** The engine's end: takes the lines that the plugin sends. */
async function serveEngine(lines: LoggedLine[]): Promise<{ server: grpc.Server; port: number }> {
  const server = new grpc.Server();
  server.addService(EngineService, {
    log: (call: grpc.ServerUnaryCall<LogRequest, Empty>, callback: grpc.sendUnaryData<Empty>) => {
      lines.push({ message: call.request.getMessage(), ephemeral: call.request.getEphemeral() });
      callback(null, new Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return { server, port };
}
