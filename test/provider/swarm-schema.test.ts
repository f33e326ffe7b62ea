/** The schema that the provider serves, against what the program's own resource classes send and expect. */
import { GetSchemaRequest, type GetSchemaResponse } from '@pulumi/pulumi/proto/provider_pb';
import { Cluster, Engine, Node, Preflight, Stack } from '../../components/resources';
import { managerAt } from '../support/machines';
import { Plugin } from '../support/plugin';
import { record } from '../support/record';

interface Schema {
  name: string;
  resources: Record<string, { inputProperties: object; requiredInputs: string[]; properties: object }>;
}

describe('the schema of the provider swarm', () => {
  let plugin: Plugin;
  let schema: Schema;
  beforeAll(async () => {
    plugin = await Plugin.start('provider/pulumi-resource-swarm');
    const getSchema = plugin.client.getSchema.bind(plugin.client);
    const response = await plugin.call<GetSchemaResponse>(getSchema, new GetSchemaRequest());
    schema = JSON.parse(response.getSchema()) as Schema;
  }, 30_000);
  afterAll(() => plugin.stop());

  it('describes every resource', () => {
    expect(schema.name).toBe('swarm');
    expect(Object.keys(schema.resources).sort()).toEqual(
      ['Cluster', 'Engine', 'Node', 'Preflight', 'Stack'].map((name) => `swarm:index:${name}`),
    );
  });

  it('knows every input that the program’s classes send, and requires none that they don’t', async () => {
    const manager = managerAt('node1', '10.0.0.1');
    const { name, address, connection } = manager;
    const managers = [manager];
    const recording = await record(() => [
      new Preflight('p', { name, connection }),
      new Engine('e', { name, connection, managers, version: '26', packages: ['docker.io'], daemon: {}, limits: {} }),
      new Cluster('c', { name, managers }),
      new Node('n', { clusterId: 'id', name, address, role: 'manager', labels: {}, connection, managers }),
      new Stack('s', { clusterId: 'id', name: 'home', compose: '', file: 'compose.yaml', variables: {}, managers }),
    ]);
    for (const [type, id] of Object.entries({ Preflight: 'p', Engine: 'e', Cluster: 'c', Node: 'n', Stack: 's' })) {
      const sent = Object.keys(recording.get(`${type} ${id}`).inputs);
      const described = schema.resources[`swarm:index:${type}`];
      expect({ type, unknown: sent.filter((key) => !(key in (described?.inputProperties ?? {}))) }).toEqual({
        type,
        unknown: [],
      });
      expect(sent).toEqual(expect.arrayContaining(described?.requiredInputs ?? ['no schema']));
    }
  });
});
