import { Host } from '../../../components/hosts';
import { setupScript } from '../../../components/hosts/setup-script';
import { existingMachine, labOutputs, managerAt, umlMachine } from '../../support/machines';
import { record, secret, UNKNOWN } from '../../support/record';

const managers = [managerAt('node1', '10.0.0.1')];
const daemon = { 'insecure-registries': ['registry.lab:5000'] };

describe('a host', () => {
  const host = () => new Host('node2', { machine: existingMachine('node2', '10.0.0.2'), engine: { daemon }, managers });

  it('is looked at before anything is changed on it', async () => {
    const recording = await record(host);
    const { name } = recording.get('Preflight node2').inputs;
    expect(name).toBe('node2');
    expect(recording.get('Preflight node2').dependsOn).toEqual([]);
    expect(recording.get('remote:Command node2').dependsOn).toEqual(['Preflight node2']);
  });

  it('is set up by one command over SSH, with the script on standard input', async () => {
    const recording = await record(host);
    expect(recording.ids.filter((id) => id.includes('Command'))).toEqual(['remote:Command node2']);
    expect(recording.get('remote:Command node2').inputs).toEqual({
      // The SDK of @pulumi/command makes one secret of a connection that has a secret in it.
      connection: secret({
        host: '10.0.0.2',
        port: 22,
        user: 'root',
        privateKey: 'key of 10.0.0.2',
        hostKey: 'ssh-ed25519 10.0.0.2',
        dialErrorLimit: 10,
        perDialTimeout: 15,
      }),
      create: 'bash --norc -s',
      stdin: setupScript('node2'),
      addPreviousOutputInEnv: false,
    });
  });

  it('has Docker installed after that, as the environment wants it', async () => {
    const recording = await record(host);
    const engine = recording.get('Engine node2');
    expect(engine.parent).toBe('hosts:Host node2');
    expect(engine.dependsOn).toEqual(['remote:Command node2']);
    expect(engine.inputs).toEqual({
      name: 'node2',
      connection: {
        host: '10.0.0.2',
        port: 22,
        user: 'root',
        privateKey: secret('key of 10.0.0.2'),
        hostKey: 'ssh-ed25519 10.0.0.2',
      },
      daemon,
      managers: [
        {
          name: 'node1',
          address: '10.0.0.1',
          connection: {
            host: '10.0.0.1',
            port: 22,
            user: 'root',
            privateKey: secret('key of 10.0.0.1'),
            hostKey: 'ssh-ed25519 10.0.0.1',
          },
        },
      ],
    });
  });

  it('passes on how long things may take', async () => {
    const limits = { drainSeconds: 600 };
    const patient = () => new Host('node2', { machine: existingMachine('node2', '10.0.0.2'), managers, limits });
    expect((await record(patient)).get('Engine node2').inputs.limits).toEqual(limits);
  });

  it('is set up through sudo where the user is not root', async () => {
    const machine = () => existingMachine('node2', '10.0.0.2', { user: 'odroid', sudo: true });
    const recording = await record(() => new Host('node2', { machine: machine(), managers }));
    const command = recording.get('remote:Command node2').inputs;
    expect(command.create).toBe('sudo -n bash --norc -s');
    expect(command.connection).toMatchObject({ value: { user: 'odroid' } });
    expect(command.connection).not.toHaveProperty('value.sudo');
    expect(recording.get('Engine node2').inputs.connection).toMatchObject({ user: 'odroid', sudo: true });
  });

  it('waits for its machine, goes with it, and is made anew with it', async () => {
    const recording = await record(() => new Host('node1', { machine: umlMachine('node1', '10.77.0.11'), managers }), {
      outputs: labOutputs,
    });
    const [command, engine] = [recording.get('remote:Command node1'), recording.get('Engine node1')];
    expect(command.dependsOn).toEqual(['Preflight node1', 'local:Command node1']);
    for (const { deletedWith, replacedWith } of [command, engine]) {
      expect([deletedWith, replacedWith]).toEqual(['local:Command node1', ['local:Command node1']]);
    }
  });

  it('stays as it is when its machine outlives the environment', async () => {
    const recording = await record(host);
    expect(recording.get('Engine node2').deletedWith).toBeUndefined();
  });

  it('shows in a preview all but the host key of a machine that is still to be made', async () => {
    const recording = await record(() => new Host('node1', { machine: umlMachine('node1', '10.77.0.11'), managers }), {
      preview: true,
    });
    expect(recording.get('Engine node1').inputs).toMatchObject({
      name: 'node1',
      connection: { host: '127.77.0.11', user: 'root', privateKey: secret('the key'), hostKey: UNKNOWN },
    });
  });
});
