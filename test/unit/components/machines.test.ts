import { ExistingMachine, MachineFactory, readHostKey, type Machine } from '../../../components/machines';
import { record, secret, UNKNOWN, valueOf } from '../../support/record';
import { connectionTo, labOutputs, umlMachine } from '../../support/machines';

const node1 = (ports: number[] = [80]) => umlMachine('node1', '10.77.0.11', ports);

describe('an existing machine', () => {
  it('is reached where its connection says, and makes nothing', async () => {
    const { result, ids } = await record(
      () => new ExistingMachine('board', { address: '192.168.1.100', connection: connectionTo('board.lan') }),
    );
    expect(ids).toEqual(['machines:Existing board']);
    expect(result).toMatchObject({ name: 'board', address: '192.168.1.100', endpoint: 'board.lan' });
    expect(result.connection).toMatchObject({ host: 'board.lan', user: 'root' });
  });

  it('outlives the environment', async () => {
    const { result } = await record(
      (): Machine => new ExistingMachine('board', { address: '10.0.0.1', connection: connectionTo('10.0.0.1') }),
    );
    expect(result.madeBy).toBeUndefined();
  });
});

describe('a uml machine', () => {
  it('is made and removed by the lab, at addresses that follow from its own', async () => {
    const recording = await record(node1, { outputs: labOutputs });
    expect(recording.get('local:Command node1')).toEqual({
      id: 'local:Command node1',
      parent: 'machines:Uml node1',
      dependsOn: ['local:Command lab-dev'],
      valuesFrom: {},
      deletedBeforeReplaced: true,
      inputs: {
        create: './lab/lab machine up',
        update: './lab/lab machine up',
        delete: './lab/lab machine down',
        environment: {
          LAB: 'dev',
          LAB_SUBNET: '10.77.0',
          MACHINE: 'node1',
          MACHINE_ADDRESS: '10.77.0.11',
          MACHINE_FORWARD: '127.77.0.11',
          MACHINE_MEMORY: '768',
          MACHINE_DISK: '4096',
        },
        triggers: ['dev', '10.77.0.11'],
        addPreviousOutputInEnv: false,
      },
    });
  });

  it('is reached over SSH at its forward, with the host key that the lab prints', async () => {
    const { result } = await record(node1, { outputs: labOutputs });
    expect(result.endpoint).toBe('127.77.0.11');
    const { privateKey, hostKey, ...plain } = result.connection;
    expect(plain).toEqual({ host: '127.77.0.11', port: 22, user: 'root' });
    expect(await valueOf(hostKey)).toBe('ssh-ed25519 AAAA');
    expect(await valueOf(privateKey)).toEqual(secret('the key'));
  });

  it('has an unknown host key in a preview, and everything else known', async () => {
    const { result } = await record(node1, { preview: true });
    const { hostKey, host, port } = result.connection;
    expect([await valueOf(hostKey), await valueOf(host), await valueOf(port)]).toEqual([UNKNOWN, '127.77.0.11', 22]);
  });

  it('is the same machine when only its forwarded ports change', async () => {
    const before = await record(() => node1([80]), { outputs: labOutputs });
    const after = await record(() => node1([80, 8080]), { outputs: labOutputs });
    expect(after.get('local:Command node1')).toEqual(before.get('local:Command node1'));
    const forwards = after.get('local:Command node1-ports');
    expect(forwards.inputs.environment).toMatchObject({ MACHINE: 'node1', MACHINE_PORTS: '22 80 8080' });
    expect(forwards.dependsOn).toEqual(['local:Command node1']);
  });

  it('says what the lab printed when there is no host key in it', () => {
    expect(() => readHostKey('{"name":"node1"}')).toThrow(/no host key: \{"name":"node1"\}/);
  });
});

describe('machines', () => {
  const lab = { kind: 'uml', subnet: '10.77.0', memory: 768, disk: 4096, ports: [], login: {} } as const;

  it('of one lab share its network, made before them and removed after them', async () => {
    const recording = await record(
      () => {
        const factory = new MachineFactory();
        factory.create({ ...lab, name: 'node1', lab: 'dev', address: '10.77.0.11' });
        factory.create({ ...lab, name: 'node2', lab: 'dev', address: '10.77.0.12' });
      },
      { outputs: labOutputs },
    );
    expect(recording.ids.filter((id) => id.includes('lab-dev'))).toEqual([
      'local:Command lab-dev',
      'machines:UmlNetwork lab-dev',
    ]);
    expect(recording.get('local:Command lab-dev').inputs).toEqual({
      create: './lab/lab network up',
      update: './lab/lab network up',
      delete: './lab/lab network down',
      environment: { LAB: 'dev', LAB_SUBNET: '10.77.0' },
      addPreviousOutputInEnv: false,
    });
    expect(recording.get('local:Command node2').dependsOn).toEqual(['local:Command lab-dev']);
  });

  it('do not depend on each other', async () => {
    const one = (names: string[]) =>
      record(
        () => {
          const factory = new MachineFactory();
          for (const name of names)
            factory.create({ ...lab, name, lab: 'dev', address: `10.77.0.1${name.at(-1) ?? ''}` });
        },
        { outputs: labOutputs },
      );
    const [alone, among] = [await one(['node2']), await one(['node3', 'node2', 'node1'])];
    expect(among.get('local:Command node2')).toEqual(alone.get('local:Command node2'));
  });
});
