/** Inputs of the provider's resources, as a program would give them. */
import { type PropertyMap } from '../../provider/protocol/values';

export const connection = (host: string): PropertyMap => ({
  host,
  hostKey: 'ssh-ed25519 AAAA',
  privateKey: 'the private key',
});
export const manager = (index: number): PropertyMap => ({
  name: `node${index}`,
  address: `10.0.0.${index}`,
  connection: connection(`10.0.0.${index}`),
});
export const node: PropertyMap = {
  ...manager(1),
  clusterId: 'cluster',
  role: 'manager',
  labels: { zone: 'a' },
  managers: [manager(1)],
};
export const COMPOSE = `services:
  web:
    image: \${IMAGE}
    ports: ['8080:80']
    deploy: {replicas: 3}
`;
export const stack: PropertyMap = {
  ...{ clusterId: 'cluster', name: 'home', file: 'stacks/home/compose.yaml' },
  ...{ compose: COMPOSE, variables: { IMAGE: 'httpd:1' }, managers: [manager(1)] },
};
