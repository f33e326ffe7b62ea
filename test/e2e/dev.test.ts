/**
 * The environment `dev` from nothing to running and back, as a person would go through it, with the real Pulumi engine
 * on five real machines. Each test goes on from where the one before has left the swarm.
 */
import { existsSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { devInLab, type EnvironmentConfig } from '../support/e2e-config';
import { Environment, messageIn, succeed } from '../support/environment';
import { fetchText, lab, labKeyFile, Shell, type LabMachine } from '../support/lab';

const LAB = { LAB: 'e2e', LAB_SUBNET: '10.78.0' };
const MINUTE = 60_000;

interface Outputs {
  nodes: { name: string; role: string; address: string; nodeId: string; labels: Record<string, string> }[];
  managers: string[];
  endpoints: Record<string, Record<string, string[]>>;
  dockerHost: string;
}

describe('the environment dev, on five lab machines', () => {
  const shell = new Shell();
  const config: EnvironmentConfig = devInLab('e2e', '10.78.0');
  let environment: Environment;
  let machines: LabMachine[];
  let outputs: Outputs;

  /** Docker's own answer, from the first manager. */
  const docker = async (command: string): Promise<string[]> => {
    const [first] = machines;
    if (!first) throw new Error('there is no machine');
    return (await shell.run(first, `docker ${command}`)).trim().split('\n').filter(Boolean);
  };
  const variablesOf = (changes: Record<string, string>): EnvironmentConfig => {
    const home = config.stacks.home;
    if (!home) throw new Error('dev has no stack home');
    return { ...config, stacks: { home: { ...home, variables: { ...home.variables, ...changes } } } };
  };
  const askUntilAll = async (url: string, wanted: number): Promise<Set<string>> => {
    const answers = new Set<string>();
    for (let attempt = 0; attempt < 60 && answers.size < wanted; attempt++) {
      const container = /^container: (\w+)/m.exec(await fetchText(url))?.[1];
      if (container) answers.add(container);
    }
    return answers;
  };

  beforeAll(async () => {
    await lab(['down'], LAB);
    environment = await Environment.create('e2e', config);
  }, MINUTE);

  afterAll(async () => {
    await shell.close();
    await lab(['down'], LAB);
    environment.forget();
  }, MINUTE);

  describe('made for the first time', () => {
    it(
      'stops on Ctrl-C in the middle of forming the swarm',
      async () => {
        const joining = (message: string): boolean => message.includes('joining as manager');
        const outcome = await environment.up({ interruptWhen: (event) => joining(messageIn(event)) });
        expect(outcome.succeeded).toBe(false);
      },
      10 * MINUTE,
    );

    it(
      'goes on from there to five nodes and a running stack',
      async () => {
        succeed(await environment.up());
        outputs = await environment.outputs<Outputs>();
        machines = await Promise.all(
          config.nodes.map(async ({ name, address }) => ({
            ...{ name, address, forward: address.replace(/^10/, '127') },
            hostKey: await hostKeyOf(name, address),
          })),
        );
        const list = await docker("node ls --format '{{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}}'");
        expect(list.map((line) => line.replace(/ (Leader|Reachable)$/, ' manager').trim()).sort()).toEqual([
          'node1 Ready Active manager',
          'node2 Ready Active manager',
          'node3 Ready Active manager',
          'node4 Ready Active',
          'node5 Ready Active',
        ]);
      },
      10 * MINUTE,
    );

    it('says what runs where, in its outputs', async () => {
      expect(outputs.managers).toEqual(['10.78.0.11', '10.78.0.12', '10.78.0.13']);
      expect(outputs.dockerHost).toBe('ssh://root@127.78.0.11');
      expect(outputs.nodes.map(({ name, role, address, labels }) => ({ name, role, address, labels }))).toEqual(
        config.nodes.map(({ name, role, address, labels }) => ({ name, role, address, labels })),
      );
      const ids = await docker("node ls --format '{{.ID}} {{.Hostname}}'");
      expect(outputs.nodes.map(({ nodeId, name }) => `${nodeId} ${name}`).sort()).toEqual(ids.sort());
      expect(outputs.endpoints).toEqual({
        home: {
          httpd: [11, 12, 13, 14, 15].map((last) => `http://127.78.0.${last}/`),
          visualizer: [11, 12, 13, 14, 15].map((last) => `http://127.78.0.${last}:8080/`),
        },
      });
    });

    it('has labelled the nodes and made the overlay network', async () => {
      const zones = await docker("node inspect node1 node2 node3 node4 node5 --format '{{.Spec.Labels.zone}}'");
      expect(zones).toEqual(['a', 'b', 'c', 'a', 'b']);
      expect(await docker("network ls --filter name=home-net --format '{{.Driver}} {{.Scope}}'")).toEqual([
        'overlay swarm',
      ]);
    });

    it(
      'answers at every node, also at those without a task, from all three replicas',
      async () => {
        const busy = await docker("service ps home_httpd --filter desired-state=running --format '{{.Node}}'");
        expect(busy).toHaveLength(3);
        expect(new Set(busy).size).toBeLessThan(5);
        for (const url of outputs.endpoints.home?.httpd ?? []) {
          expect((await askUntilAll(`${url}cgi-bin/lbtest`, 3)).size).toBe(3);
        }
      },
      MINUTE,
    );

    it(
      'shows the swarm in the visualizer, through every node',
      async () => {
        for (const url of outputs.endpoints.home?.visualizer ?? []) {
          expect(await fetchText(url)).toContain('<html');
          const state = await fetchText(`${url}state`);
          for (const { name } of config.nodes) expect(state).toContain(name);
        }
        const [mount] = await docker(
          "service inspect home_visualizer --format '{{json .Spec.TaskTemplate.ContainerSpec.Mounts}} {{json .Spec.TaskTemplate.Placement.Constraints}}'",
        );
        expect(mount).toMatch(/"Target":"\/var\/run\/docker\.sock","ReadOnly":true.*node\.role == manager/);
      },
      MINUTE,
    );

    it('keeps secrets out of the state', async () => {
      const key = /\n([^\n]+)\n/.exec(execFileSync('cat', [labKeyFile], { encoding: 'utf8' }))?.[1] ?? 'no key';
      const tokens = await docker('swarm join-token -q manager');
      const state = environment.stateFiles();
      expect(state).toContain('node5');
      const leaked = [key, tokens[0] ?? 'no token', 'SWMTKN'].filter((secret) => state.includes(secret));
      expect(leaked).toEqual([]);
    });
  });

  describe('run again', () => {
    it(
      'changes nothing',
      async () => {
        const outcome = succeed(await environment.up());
        expect(outcome.operations).toEqual([]);
        expect(Object.keys(outcome.changes)).toEqual(['same']);
      },
      4 * MINUTE,
    );

    it(
      'changes one label in place, and nothing else',
      async () => {
        const nodes = config.nodes.map((node) => (node.name === 'node4' ? { ...node, labels: { zone: 'd' } } : node));
        environment.configure({ ...config, nodes });
        const outcome = succeed(await environment.up());
        environment.configure(config);
        expect(outcome.operations).toEqual(['update Node node4']);
        expect(await docker("node inspect node4 --format '{{.Spec.Labels.zone}}'")).toEqual(['d']);
      },
      4 * MINUTE,
    );

    it(
      'sees a node drained and a service scaled by hand, and puts both right',
      async () => {
        await docker('node update --availability drain node5');
        await docker('service scale --detach home_httpd=5');
        const seen = succeed(await environment.preview({ refresh: true }));
        expect(seen.operations).toEqual(expect.arrayContaining(['update Node node5', 'update Stack home']));
        succeed(await environment.up({ refresh: true }));
        expect(await docker("node inspect node5 --format '{{.Spec.Availability}}'")).toEqual(['active']);
        expect(await docker("service inspect home_httpd --format '{{.Spec.Mode.Replicated.Replicas}}'")).toEqual(['3']);
      },
      6 * MINUTE,
    );

    it(
      'says why a service can’t start, and leaves what ran before running',
      async () => {
        environment.configure(variablesOf({ HTTPD_IMAGE: 'registry.lab:5000/swarm/nothing:1' }));
        const outcome = await environment.up();
        environment.configure(config);
        expect(outcome.succeeded).toBe(false);
        expect(outcome.text).toMatch(/stack home: waiting for its services failed: home_httpd .*nothing:1/);
        const urls = outputs.endpoints.home?.httpd ?? [];
        for (const url of urls) expect(await fetchText(`${url}cgi-bin/lbtest`)).toContain('container: ');
        succeed(await environment.up());
        expect((await askUntilAll(`${urls[0] ?? ''}cgi-bin/lbtest`, 3)).size).toBe(3);
      },
      10 * MINUTE,
    );
  });

  describe('taken down', () => {
    it(
      'leaves nothing behind',
      async () => {
        succeed(await environment.destroy());
        expect(await lab(['status'], LAB)).not.toMatch(/node\d/);
        expect(existsSync('/run/netns/lab-e2e')).toBe(false);
        const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
        expect(processes).not.toMatch(/127\.78\.0\.|labs\/e2e/);
        expect(execFileSync('cat', ['/proc/mounts'], { encoding: 'utf8' })).not.toMatch(/lab-e2e|labs\/e2e/);
      },
      8 * MINUTE,
    );
  });
});

/** `lab machine up` of a machine that is up changes nothing and prints its host key. */
async function hostKeyOf(name: string, address: string): Promise<string> {
  const ports = '22 80 8080';
  const machine = { MACHINE: name, MACHINE_ADDRESS: address, MACHINE_FORWARD: address.replace(/^10/, '127') };
  const line = await lab(['machine', 'up'], { ...LAB, ...machine, MACHINE_PORTS: ports });
  return (JSON.parse(line) as LabMachine).hostKey;
}
