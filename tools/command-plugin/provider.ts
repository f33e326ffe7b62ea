/**
 * A stand-in for the official provider `command`, for computers that reach only package registries: local.Command and
 * remote.Command, with the same properties, defaults and behaviour. What it doesn't do it refuses by name.
 * Source of the behaviour: pulumi/pulumi-command 1.2.1.
 */
import { version } from '@pulumi/command/package.json';
import { ConnectionPool } from '../../core/ssh/connection';
import { type AnyResource } from '../../provider/protocol/resource';
import { type ProviderDefinition } from '../../provider/protocol/service';
import { CommandResource, NOT_OFFERED } from './command';
import { LocalShell } from './local';
import { RemoteShell } from './remote';
import { commandSchema } from './schema';

export function commandProvider(): ProviderDefinition {
  const pool = new ConnectionPool();
  const resources = [new CommandResource(new LocalShell()), new CommandResource(new RemoteShell(pool))];
  return {
    name: 'command',
    version,
    schema: () => commandSchema(version),
    resources: resources as unknown as AnyResource[],
    refusal: (token) => `${token}: ${NOT_OFFERED}`,
    close: () => pool.close(),
  };
}
