import * as pulumi from '@pulumi/pulumi';
import { Cluster, Engine, Node, Stack } from '../../../components/resources';
import { connectionTo, managerAt } from '../../support/machines';
import { record, secret, UNKNOWN, valueOf } from '../../support/record';

const plainConnection = { host: '10.0.0.9', privateKey: 'key', privateKeyPassword: 'phrase', password: 'word' };
const secretConnection = {
  host: '10.0.0.9',
  privateKey: secret('key'),
  privateKeyPassword: secret('phrase'),
  password: secret('word'),
};

describe('a connection', () => {
  const engine = (connection: ConstructorParameters<typeof Engine>[1]['connection']) =>
    record(() => new Engine('node9', { name: 'node9', connection }));

  it('has what proves who one is marked as secret, and nothing else', async () => {
    const recording = await engine(plainConnection);
    expect(recording.get('Engine node9').inputs).toEqual({ name: 'node9', connection: secretConnection });
  });

  it('has the same marks on its jump host', async () => {
    const recording = await engine({ host: '10.0.0.1', proxy: plainConnection });
    expect(recording.get('Engine node9').inputs.connection).toEqual({ host: '10.0.0.1', proxy: secretConnection });
  });

  it('has them in every manager', async () => {
    const managers = [{ name: 'node9', address: '10.0.0.9', connection: plainConnection }];
    const recording = await record(() => new Cluster('dev', { name: 'dev', managers }));
    expect(recording.get('Cluster dev').inputs.managers).toEqual([
      { name: 'node9', address: '10.0.0.9', connection: secretConnection },
    ]);
  });
});

describe('resources of the provider', () => {
  it('return what they are as plain values, though their connection is secret', async () => {
    const outputs = () => ({ nodeId: 'abc', installedVersion: '26.1.5', clusterId: 'xyz' });
    const managers = [managerAt('node1', '10.0.0.1')];
    const connection = connectionTo('10.0.0.1');
    const { result } = await record(
      () => ({
        engine: new Engine('node1', { name: 'node1', connection }),
        cluster: new Cluster('dev', { name: 'dev', managers }),
        node: new Node('node1', {
          ...{ clusterId: 'xyz', name: 'node1', address: '10.0.0.1', role: 'manager' },
          ...{ connection, managers },
        }),
      }),
      { outputs },
    );
    expect(await valueOf(result.engine.installedVersion)).toBe('26.1.5');
    expect(await valueOf(result.cluster.clusterId)).toBe('xyz');
    expect(await valueOf(result.node.nodeId)).toBe('abc');
    expect(await valueOf(result.node.role)).toBe('manager');
  });

  it('keep the contents of a stack’s secrets secret', async () => {
    const managers = [managerAt('node1', '10.0.0.1')];
    const args = { clusterId: 'xyz', name: 'home', compose: 'services: {}', file: 'compose.yaml', managers };
    const recording = await record(() => new Stack('home', { ...args, secrets: { password: 'hunter2' } }));
    expect(recording.get('Stack home').inputs.secrets).toEqual(secret({ password: 'hunter2' }));
  });

  it('pass on in a preview what is known, and only the rest as unknown', async () => {
    const recording = await record(
      () => {
        const managers = [managerAt('node1', '10.0.0.1')];
        const { clusterId } = new Cluster('dev', { name: 'dev', managers, spec: { autolock: true } });
        const node = { clusterId, name: 'node1', address: '10.0.0.1', role: pulumi.output('worker' as const) };
        return new Node('node1', { ...node, labels: { zone: 'a' }, connection: connectionTo('10.0.0.1'), managers });
      },
      { preview: true },
    );
    expect(recording.get('Cluster dev').inputs).toMatchObject({ name: 'dev', spec: { autolock: true } });
    const node = recording.get('Node node1').inputs;
    expect(node).toMatchObject({ clusterId: UNKNOWN, name: 'node1', role: 'worker', labels: { zone: 'a' } });
    expect(await valueOf(recording.result.nodeId)).toBe(UNKNOWN);
  });
});
