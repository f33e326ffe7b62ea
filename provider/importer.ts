/** Gives resources that are being imported what an id doesn't tell. */
import { StepError } from '../core/errors';
import { type Connection } from '../core/ssh/connection';
import { type ManagerEndpoint } from './access';
import { type ImportSource } from './import';
import { type PropertyPath } from './protocol/values';

/** The provider's configuration, in Pulumi's spelling: the one key of the environment file. */
const ENVIRONMENT = 'swarm:config:environment';

export class Importer {
  private configuration: Record<string, string> = {};

  /** @param configuration as the engine hands it over */
  configure(configuration: Record<string, string>): void {
    this.configuration = configuration;
  }

  /** @param what is imported, for messages. @throws StepError when the environment file doesn't tell enough */
  async source(what: string): Promise<ImportSource> {
    // The schema of the environment file is large, and a run without imports has no use for it.
    const { importSource } = await import('./import');
    return importSource(this.configuration[ENVIRONMENT], what);
  }
}

/** Where in such inputs something secret stands. */
export function secretPathsOf(inputs: { managers: ManagerEndpoint[]; connection?: Connection }): Set<PropertyPath> {
  const connections: [string, Connection | undefined][] = [
    ['connection', inputs.connection],
    ...inputs.managers.map(({ connection }, index): [string, Connection] => [
      `managers[${index}].connection`,
      connection,
    ]),
  ];
  const logins = connections.flatMap(([at, connection]) => [
    [at, connection] as const,
    [`${at}.proxy`, connection?.proxy] as const,
  ]);
  return new Set(
    logins.flatMap(([at, login]) =>
      SECRET_FIELDS.filter((field) => login?.[field] !== undefined).map((field) => `${at}.${field}`),
    ),
  );
}

const SECRET_FIELDS = ['privateKey', 'privateKeyPassword', 'password'] as const;

/** @param machine what could not be imported */
export function refused(machine: string, cause: string, cure: string): StepError {
  return new StepError({ machine, step: 'import', cause, cure });
}
