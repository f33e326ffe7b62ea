/** Starts a provider as a plugin process of the Pulumi engine. */
import * as grpc from '@grpc/grpc-js';
import { ResourceProviderService } from '@pulumi/pulumi/proto/provider_grpc_pb';
import { EngineLog } from './engine';
import { providerService, type ProviderDefinition } from './service';

/** Messages of the engine may hold a whole stack's state. Source: pulumi/sdk `rpcutil` (400 MB). */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/**
 * Serves until the engine ends the process. Prints the port on standard output, as the plugin protocol asks.
 * @param args the arguments of the process; the last one is the engine's address
 */
export function serve(definition: ProviderDefinition, args: string[]): void {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  });
  server.addService(ResourceProviderService, providerService(definition, new EngineLog(engineAddress(args))));
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${String(port)}\n`);
  });
  endWithEngine();
}

/** How often to look whether the engine still lives, in milliseconds. */
const ENGINE_CHECK_MS = 3000;

/** An engine that dies hard can't tell its plugins to end; the process is then handed to another parent. */
function endWithEngine(): void {
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit(1);
  }, ENGINE_CHECK_MS).unref();
}

function engineAddress(args: string[]): string | undefined {
  return args.filter((argument) => !argument.startsWith('-')).pop();
}
