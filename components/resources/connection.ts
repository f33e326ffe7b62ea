import * as pulumi from '@pulumi/pulumi';
import type { Connection } from '../../core/ssh/connection';

type Inputs<T> = { [Field in keyof T]: pulumi.Input<NonNullable<T[Field]>> };

/** How to reach a machine over SSH; see {@link Connection} for the fields. */
export type ConnectionArgs = Inputs<Omit<Connection, 'proxy'>> & {
  /** A jump host, without one of its own. */
  proxy?: Inputs<Omit<Connection, 'proxy'>>;
};

/** A manager of the cluster. Operations try every one that is given, so none of them is special. */
export interface ManagerEndpoint {
  /** Name of the machine. */
  name: pulumi.Input<string>;
  /** Its advertise address. */
  address: pulumi.Input<string>;
  connection: ConnectionArgs;
}

/** Every resource is given all managers: marking each connection once saves a program of many nodes a tenth of its time. */
const marked = new WeakMap<ConnectionArgs, ConnectionArgs>();

/** The connection with what must not be shown marked as secret, and the rest left readable in previews. */
export function withSecrets<T extends ConnectionArgs>(connection: T): ConnectionArgs & Pick<T, 'host'> {
  const { proxy } = connection;
  const known = marked.get(connection) ?? { ...markLogin(connection), ...(proxy && { proxy: markLogin(proxy) }) };
  marked.set(connection, known);
  return known;
}

/** As {@link withSecrets}, for every manager. */
export function managersWithSecrets(managers: readonly ManagerEndpoint[]): ManagerEndpoint[] {
  return managers.map((manager) => ({ ...manager, connection: withSecrets(manager.connection) }));
}

function markLogin<T extends Pick<ConnectionArgs, 'privateKey' | 'privateKeyPassword' | 'password'>>(login: T): T {
  const marked = { ...login };
  for (const field of ['privateKey', 'privateKeyPassword', 'password'] as const) {
    const value = login[field];
    if (value !== undefined) marked[field] = pulumi.secret(value);
  }
  return marked;
}
