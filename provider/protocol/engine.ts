/** The engine's end of the protocol, as far as a provider talks to it: log lines. */
import * as grpc from '@grpc/grpc-js';
import { EngineClient } from '@pulumi/pulumi/proto/engine_grpc_pb';
import { LogRequest, LogSeverity } from '@pulumi/pulumi/proto/engine_pb';

/** Sends log and status lines to the engine; a lost line never fails an operation. */
export class EngineLog {
  private client: EngineClient | undefined;

  constructor(address: string | undefined) {
    this.connect(address);
  }

  connect(address: string | undefined): void {
    if (address) this.client = new EngineClient(address, grpc.credentials.createInsecure());
  }

  /** A line shown on the resource's row until the next one comes. */
  status(urn: string, message: string): void {
    this.send(urn, LogSeverity.INFO, message, true);
  }

  info(urn: string, message: string): void {
    this.send(urn, LogSeverity.INFO, message, false);
  }

  warn(urn: string, message: string): void {
    this.send(urn, LogSeverity.WARNING, message, false);
  }

  close(): void {
    this.client?.close();
  }

  private send(urn: string, severity: LogSeverity, message: string, ephemeral: boolean): void {
    const request = new LogRequest().setUrn(urn).setSeverity(severity).setMessage(message).setEphemeral(ephemeral);
    this.client?.log(request, () => undefined);
  }
}
