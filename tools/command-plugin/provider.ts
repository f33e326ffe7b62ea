/**
 * A stand-in for the official provider `command`, for computers that reach only package registries: local.Command and
 * remote.Command, with the same properties, defaults and behaviour. What it doesn't do it refuses by name.
 * Source of the behaviour: pulumi/pulumi-command 1.2.1.
 */
import { version } from '@pulumi/command/package.json';
import { ConnectionPool } from '../../core/ssh/connection';
import { type AnyResource } from '../../provider/protocol/resource';
import { type ProviderDefinition } from '../../provider/protocol/service';
import { CommandResource } from './command';
import { LocalShell } from './local';
import { RemoteShell } from './remote';
import { commandSchema } from './schema';

/** How to get what the stand-in doesn't do. */
export const OFFICIAL_PLUGIN = `the official plugin does it: pulumi plugin install resource command ${version}`;

export function commandProvider(): ProviderDefinition {
  const pool = new ConnectionPool();
  const resources = [new CommandResource(new LocalShell()), new CommandResource(new RemoteShell(pool))];
  return {
    name: 'command',
    version,
    schema: () => commandSchema(version),
    resources: resources as unknown as AnyResource[],
    refusal: (token) => `${token} is not offered by this project's stand-in for the plugin command; ${OFFICIAL_PLUGIN}`,
    close: () => pool.close(),
  };
}
