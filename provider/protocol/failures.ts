/** How errors of a provider travel to the engine. */
import * as grpc from '@grpc/grpc-js';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { ErrorResourceInitFailed } from '@pulumi/pulumi/proto/provider_pb';
import { Status } from '@pulumi/pulumi/proto/status_pb';
import { IncompleteError } from './resource';
import { encode, type Decoded, type PropertyMap, type PropertyPath } from './values';

/**
 * The gRPC error for anything thrown by a provider: the message alone, as stack traces help nobody at a command line.
 * An {@link IncompleteError} takes the resource's id and state along, so that the engine keeps them.
 */
export function operationError(
  error: unknown,
  inputs?: Decoded,
  secretOutputs?: ReadonlySet<PropertyPath>,
): grpc.ServiceError {
  if (isServiceError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof IncompleteError && inputs) {
    const incomplete = new ErrorResourceInitFailed()
      .setId(error.id)
      .setProperties(encode(error.outputs as PropertyMap, secretOutputs))
      .setInputs(encode(inputs.value, inputs.secretPaths))
      .setReasonsList([message]);
    const detail = new Any();
    detail.pack(incomplete.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed');
    const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(message).setDetailsList([detail]);
    metadata.add('grpc-status-details-bin', Buffer.from(status.serializeBinary()));
  }
  return Object.assign(new Error(message), { code: grpc.status.UNKNOWN, details: message, metadata });
}

/** Refuses a method of the protocol that this kind of provider has no use for. */
export function unimplemented(method: string): never {
  const details = `${method} is not offered by this provider`;
  throw Object.assign(new Error(details), { code: grpc.status.UNIMPLEMENTED, details, metadata: new grpc.Metadata() });
}

function isServiceError(error: unknown): error is grpc.ServiceError {
  return error instanceof Error && 'metadata' in error && 'code' in error && 'details' in error;
}
