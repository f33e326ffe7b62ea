/** The ResourceProvider gRPC service over a set of {@link AnyResource}s. */
import type * as grpc from '@grpc/grpc-js';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import * as rpc from '@pulumi/pulumi/proto/provider_pb';
import { type EngineLog } from './engine';
import { diffResponse } from './diff-response';
import { operationError, unimplemented } from './failures';
import { typeOf } from './urn';
import { type AnyResource, type Existing, type OperationContext } from './resource';
import { containsUnknown, decode, encode, type Decoded, type PropertyMap, type PropertyPath } from './values';

/** A provider: its name, version, schema and resources. */
export interface ProviderDefinition {
  name: string;
  version: string;
  /** Pulumi package schema, as JSON. Made only when asked for. */
  schema(): string;
  resources: AnyResource[];
  /** Why a type of this package that is not among `resources` is not offered; default: it doesn't exist. */
  refusal?(token: string): string;
  /** Called with the provider's configuration, `<name>:config:<key>` to value; secrets are plain in it. */
  configure?(variables: Record<string, string>): void;
  /** Called once, when the run ends or is cancelled. */
  close?(): Promise<void>;
}

type Handler<Request, Response> = (request: Request) => Promise<Response> | Response;

/** Turns a handler that returns or throws into the callback style of grpc-js. */
function unary<Request, Response>(handler: Handler<Request, Response>): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    void (async () => handler(call.request))().then(
      (response) => {
        callback(null, response);
      },
      (error: unknown) => {
        callback(operationError(error));
      },
    );
  };
}

/** The handlers to give to `grpc.Server.addService(ResourceProviderService, …)`. */
export function providerService(
  definition: ProviderDefinition,
  log: EngineLog,
): Record<string, grpc.UntypedHandleCall> {
  const operations = new Operations(definition, log);
  return {
    handshake: unary((request: rpc.ProviderHandshakeRequest) => {
      log.connect(request.getEngineAddress());
      return new rpc.ProviderHandshakeResponse().setAcceptSecrets(true);
    }),
    attach: unary(() => new Empty()),
    getPluginInfo: unary(() => new PluginInfo().setVersion(definition.version)),
    getSchema: unary(() => new rpc.GetSchemaResponse().setSchema(definition.schema())),
    checkConfig: unary((request: rpc.CheckRequest) => new rpc.CheckResponse().setInputs(request.getNews())),
    diffConfig: unary(() => new rpc.DiffResponse().setChanges(rpc.DiffResponse.DiffChanges.DIFF_NONE)),
    configure: unary((request: rpc.ConfigureRequest) => {
      definition.configure?.(Object.fromEntries(request.getVariablesMap().toObject()));
      return new rpc.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    check: unary((request: rpc.CheckRequest) => operations.check(request)),
    diff: unary((request: rpc.DiffRequest) => operations.diff(request)),
    create: unary((request: rpc.CreateRequest) => operations.create(request)),
    read: unary((request: rpc.ReadRequest) => operations.read(request)),
    update: unary((request: rpc.UpdateRequest) => operations.update(request)),
    delete: unary((request: rpc.DeleteRequest) => operations.delete(request)),
    cancel: unary(async () => {
      await operations.cancel();
      return new Empty();
    }),
    parameterize: unary(() => unimplemented('Parameterize')),
    invoke: unary((request: rpc.InvokeRequest) => operations.refuse(request.getTok())),
    call: unary((request: rpc.CallRequest) => operations.refuse(request.getTok())),
    construct: unary(() => unimplemented('Construct')),
    getMapping: unary(() => new rpc.GetMappingResponse()),
    getMappings: unary(() => new rpc.GetMappingsResponse()),
  };
}

interface OperationRequest {
  getUrn(): string;
  getTimeout(): number;
}

class Operations {
  private readonly cancellation = new AbortController();
  private readonly resources: ReadonlyMap<string, AnyResource>;

  constructor(
    private readonly definition: ProviderDefinition,
    private readonly log: EngineLog,
  ) {
    this.resources = new Map(definition.resources.map((resource) => [resource.token, resource]));
  }

  check(request: rpc.CheckRequest): rpc.CheckResponse {
    const news = decode(request.getNews());
    const context = { urn: request.getUrn(), secretPaths: news.secretPaths };
    const { failures, derived = {}, derivedSecret = false } = this.resource(context.urn).check(news.value, context);
    const secretPaths = new Set([...news.secretPaths, ...(derivedSecret ? Object.keys(derived) : [])]);
    // The engine prints the whole value of a property that a failure names; the path is enough, and tells no secret.
    const lines = failures.map(({ property, reason }) => (property === '' ? reason : `${property}: ${reason}`));
    return new rpc.CheckResponse()
      .setInputs(encode({ ...news.value, ...derived }, secretPaths))
      .setFailuresList(lines.map((line) => new rpc.CheckFailure().setReason(line)));
  }

  diff(request: rpc.DiffRequest): rpc.DiffResponse {
    const urn = request.getUrn();
    const warn = (message: string): void => {
      this.log.warn(urn, message);
    };
    const diff = this.resource(urn).diff(existing(request), decode(request.getNews()).value, { warn });
    return diffResponse(diff, request.getIgnorechangesList());
  }

  async create(request: rpc.CreateRequest): Promise<rpc.CreateResponse> {
    const resource = this.resource(request.getUrn());
    const inputs = decode(request.getProperties());
    if (request.getPreview()) {
      const outputs = resource.preview(inputs.value) as PropertyMap;
      return new rpc.CreateResponse().setProperties(encode(outputs, secretOutputs(resource, inputs)));
    }
    return this.operate(request, resource, inputs, async (context) => {
      const { id, outputs } = await resource.create(known(inputs.value), context);
      return new rpc.CreateResponse().setId(id).setProperties(encode(outputs, secretOutputs(resource, inputs)));
    });
  }

  async read(request: rpc.ReadRequest): Promise<rpc.ReadResponse> {
    const resource = this.resource(request.getUrn());
    const inputs = decode(request.getInputs());
    const outputs = decode(request.getProperties()).value;
    return this.operate(request, resource, inputs, async (context) => {
      const found = await resource.read({ id: request.getId(), inputs: inputs.value, outputs }, context);
      if (!found) return new rpc.ReadResponse();
      const { secretPaths = inputs.secretPaths } = found;
      return new rpc.ReadResponse()
        .setId(found.id)
        .setInputs(encode(found.inputs, secretPaths))
        .setProperties(encode(found.outputs, secretOutputs(resource, { value: found.inputs, secretPaths })));
    });
  }

  async update(request: rpc.UpdateRequest): Promise<rpc.UpdateResponse> {
    const resource = this.resource(request.getUrn());
    const old = existing(request);
    const inputs = decode(request.getNews());
    if (request.getPreview()) {
      const outputs = resource.preview(inputs.value, old) as PropertyMap;
      return new rpc.UpdateResponse().setProperties(encode(outputs, secretOutputs(resource, inputs)));
    }
    return this.operate(request, resource, inputs, async (context) => {
      const outputs = await resource.update(old, known(inputs.value), context);
      return new rpc.UpdateResponse().setProperties(encode(outputs, secretOutputs(resource, inputs)));
    });
  }

  async delete(request: rpc.DeleteRequest): Promise<Empty> {
    const resource = this.resource(request.getUrn());
    const inputs = decode(request.getOldInputs());
    const old = { id: request.getId(), inputs: inputs.value, outputs: decode(request.getProperties()).value };
    return this.operate(request, resource, inputs, async (context) => {
      await resource.delete(old, context);
      return new Empty();
    });
  }

  /** The engine also calls this at the end of every run, so it has to be quick and harmless when nothing is going on. */
  async cancel(): Promise<void> {
    this.cancellation.abort(new Error('cancelled; run it again to go on from here'));
    await this.definition.close?.();
  }

  refuse(token: string): never {
    throw new Error(
      this.definition.refusal?.(token) ?? `${token} is not offered by the provider ${this.definition.name}`,
    );
  }

  private resource(urn: string): AnyResource {
    return this.resources.get(typeOf(urn)) ?? this.refuse(typeOf(urn));
  }

  /** Runs an operation within its time limit and under cancellation; what it leaves half done is kept in state. */
  private async operate<Response>(
    request: OperationRequest,
    resource: AnyResource,
    inputs: Decoded,
    work: (context: OperationContext) => Promise<Response>,
  ): Promise<Response> {
    const urn = request.getUrn();
    const seconds = request.getTimeout();
    const own = new AbortController();
    const abort = (): void => {
      own.abort(this.cancellation.signal.reason);
    };
    this.cancellation.signal.addEventListener('abort', abort);
    if (this.cancellation.signal.aborted) abort();
    const overtime = new Error(`not done within its custom timeout of ${seconds} s`);
    const timer =
      seconds > 0
        ? setTimeout(() => {
            own.abort(overtime);
          }, seconds * 1000)
        : undefined;
    const { signal } = own;
    try {
      return await work({
        urn,
        signal,
        status: (message) => {
          this.log.status(urn, message);
        },
        info: (message) => {
          this.log.info(urn, message);
        },
        warn: (message) => {
          this.log.warn(urn, message);
        },
      });
    } catch (error) {
      throw operationError(error, inputs, secretOutputs(resource, inputs));
    } finally {
      clearTimeout(timer);
      this.cancellation.signal.removeEventListener('abort', abort);
    }
  }
}

function existing(request: rpc.DiffRequest | rpc.UpdateRequest): Existing<PropertyMap, PropertyMap> {
  return {
    id: request.getId(),
    inputs: decode(request.getOldInputs()).value,
    outputs: decode(request.getOlds()).value,
  };
}

function secretOutputs(resource: AnyResource, inputs: Decoded): ReadonlySet<PropertyPath> {
  return resource.secretOutputs?.(inputs.secretPaths) ?? inputs.secretPaths;
}

/** The engine promises known values outside of previews; a broken promise must not reach a machine. */
function known(inputs: PropertyMap): PropertyMap {
  if (containsUnknown(inputs)) throw new Error('an input is still unknown outside of a preview');
  return inputs;
}
