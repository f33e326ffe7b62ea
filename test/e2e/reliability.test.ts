/**
 * Faults in the middle of `pulumi up`, on lab machines: each is followed by another `pulumi up` that brings everything
 * to what is wanted, and nothing is lost. A client asks a service all the time.
 */
import { type EngineEvent } from '@pulumi/pulumi/automation';
import { Environment, messageIn, succeed, type Outcome } from '../support/environment';
import { existingEnvironment, LabMachines } from '../support/existing';
import { Load } from '../support/load';
import { endProviderOf } from '../support/processes';
import { writeReliability, type FaultReport } from '../support/reliability';

const MINUTE = 60_000;
const WEB = { compose: 'test/support/compose/web.yaml' };
/** What is left of the lab's disks after this holds no Docker. */
const FILL = 'fallocate -l "$(( $(df -Pm / | awk \'NR == 2 { print $4 }\') - 20 ))M" /filler';

describe('a swarm in trouble', () => {
  const machines = new LabMachines('trouble', '10.83.0');
  const reports: FaultReport[] = [];
  let environment: Environment;
  let workers = [4];
  let replicas = 3;

  const config = (): object => {
    const nodes = [
      ...[1, 2, 3].map((number) => machines.node(number, 'manager', { labels: { zone: `z${number}` } })),
      ...workers.map((number) => machines.node(number, 'worker', { labels: { zone: `z${number}` } })),
    ];
    return existingEnvironment(nodes, { stacks: { web: { ...WEB, variables: { REPLICAS: String(replicas) } } } });
  };
  /** What isn't as wanted; empty when nothing has been lost. */
  const losses = async (): Promise<string[]> => {
    const from = await anyManager();
    await machines.run(
      from,
      'timeout 60 sh -c "while docker node ls | grep -qE \'Unknown|Down\'; do sleep 0.5; done" || true',
    );
    const format = '{{.Hostname}} {{.Status}} {{.Availability}}';
    const nodes = await machines.run(from, `docker node ls --format '${format}'`);
    const labels = await machines.run(
      from,
      "docker node inspect $(docker node ls -q) --format '{{.Description.Hostname}} {{json .Spec.Labels}}'",
    );
    const running = await machines.run(from, "docker service ls --format '{{.Name}} {{.Replicas}}'");
    const all = [1, 2, 3, ...workers];
    return [
      ...missing(
        all.map((number) => `node${number} Ready Active`),
        nodes,
      ),
      ...missing(
        all.map((number) => `node${number} {"zone":"z${number}"}`),
        labels,
      ),
      ...missing([`web_web ${replicas}/${replicas}`], running),
    ];
  };
  const anyManager = async (): Promise<number> => {
    const asked = [1, 2, 3].map(async (number) => {
      await machines.run(number, 'docker node ls -q');
      return number;
    });
    return Promise.any(asked);
  };
  const leader = async (): Promise<number> => {
    const list = await machines.run(await anyManager(), "docker node ls --format '{{.Hostname}} {{.ManagerStatus}}'");
    return Number(/node(\d) Leader/.exec(list.join('\n'))?.[1]);
  };

  interface Trial {
    fault: string;
    /** The step in whose middle the fault is put in, as it shows in the output. */
    during: RegExp;
    strike: () => Promise<unknown>;
    /** What a person has to do before the next run. */
    mend?: () => Promise<unknown>;
    mended?: string;
    /** More that happens before the last run. @returns what it was, for the report */
    between?: () => Promise<string>;
  }
  /** Runs `pulumi up`, puts the fault in, runs it again, and reports. @returns the outcome of the first run */
  const endure = async ({ fault, during, strike, mend, mended, between }: Trial): Promise<Outcome> => {
    environment.configure(config());
    const load = new Load(
      [1, 2, 3, 4].map((number) => `http://${machines.get(number).forward}:8080/`),
      200,
    );
    let struck: { at: number; done: Promise<unknown> } | undefined;
    const onEvent = (event: EngineEvent): boolean => {
      if (!struck && during.test(wordOf(event))) struck = { at: Date.now(), done: strike() };
      return false;
    };
    const first = await environment.up({ interruptWhen: onEvent });
    if (!struck) throw new Error(`${fault}: nothing in the output was like ${String(during)}:\n${first.text}`);
    await struck.done;
    await mend?.();
    const more = await between?.();
    const second = succeed(await environment.up());
    const { requests, failed, errors } = await load.stop();
    const lost = await losses();
    reports.push({
      ...{ fault, requests, failed, lost },
      happened: `${describeEnd(first)}${[mended, more].map((part) => (part ? `; ${part}` : '')).join('')}; the next run: ${describeEnd(second)}`,
      secondsToRecover: (Date.now() - struck.at) / 1000,
    });
    expect({ failed, errors }).toEqual({ failed: 0, errors: [] });
    expect(lost).toEqual([]);
    expect((await environment.up()).operations).toEqual([]);
    return first;
  };

  beforeAll(async () => {
    await machines.start();
    await machines.boot(1, 2, 3, 4);
    environment = await Environment.create('e2e-trouble', config());
    succeed(await environment.up());
  }, 10 * MINUTE);

  afterAll(async () => {
    writeReliability(reports);
    await machines.end();
    environment.forget();
  }, MINUTE);

  describe('a new worker', () => {
    beforeAll(async () => {
      await machines.boot(5);
      await machines.run(5, "date -s '-2 minutes'");
      workers = [4, 5];
    }, MINUTE);

    it(
      'whose clock is two minutes behind is refused by name, and installed as far as a full disk lets it once that is set',
      async () => {
        const outcome = await endure({
          fault: 'the clock of a new machine is two minutes behind, and its disk runs full while Docker is installed',
          during: /^node5: .*its clock is 1[12]\d s behind/,
          strike: () => machines.run(5, "date -s '+2 minutes'"),
          mended: 'the clock is set',
          between: async () => {
            let filled: Promise<unknown> | undefined;
            const onEvent = (event: EngineEvent): boolean => {
              if (/^node5: (installing|unpacking)/.test(wordOf(event))) filled ??= machines.run(5, FILL);
              return false;
            };
            const full = await environment.up({ interruptWhen: onEvent });
            await filled;
            expect(full.succeeded).toBe(false);
            expect(full.text).toMatch(/node5: installing Docker failed: .*No space left.*\n\s+cure: free some space/);
            await machines.run(5, 'rm -f /filler');
            return `${describeEnd(full)}; the disk is freed`;
          },
        });
        expect(outcome.succeeded).toBe(false);
      },
      10 * MINUTE,
    );
  });

  it(
    'goes on when every SSH connection is dropped in the middle of a command',
    async () => {
      replicas = 4;
      await endure({
        fault: 'every SSH connection of the managers is dropped in the middle of a deployment',
        during: /^web: docker stack deploy/,
        strike: () => Promise.allSettled([1, 2, 3].map((number) => machines.run(number, 'pkill -KILL sshd-session'))),
      });
    },
    10 * MINUTE,
  );

  it(
    'goes on when the provider is killed',
    async () => {
      replicas = 3;
      await endure({
        fault: 'the provider’s process is killed while it waits for a service',
        during: /^web: waiting for its services/,
        strike: () => Promise.resolve(endProviderOf(process.pid)),
      });
    },
    10 * MINUTE,
  );

  it(
    'goes on when the network of a node is cut in the middle of its drain',
    async () => {
      workers = [4];
      await endure({
        fault: 'the network of a node that is being removed is cut in the middle of its drain',
        during: /^node5: waiting for its tasks/,
        strike: () => machines.cut(5),
        mend: () => machines.mend(5),
        mended: 'the network is mended',
      });
    },
    10 * MINUTE,
  );

  it(
    'goes on when the leader dies in the middle of a join',
    async () => {
      const dead = await leader();
      workers = [4, 5];
      await endure({
        fault: 'the leader’s machine loses power in the middle of a join',
        during: /^node5: joining as worker/,
        strike: () => machines.off(dead),
        mend: () => machines.boot(dead),
        mended: 'the machine is switched on',
      });
    },
    10 * MINUTE,
  );

  it(
    'goes on when a machine reboots by itself',
    async () => {
      replicas = 5;
      await endure({
        fault: 'a worker reboots by itself in the middle of a deployment',
        during: /^web: waiting for its services/,
        strike: () => machines.run(4, 'systemctl reboot'),
      });
    },
    10 * MINUTE,
  );
});

/** `node5: joining as worker`: the resource's name and what it says. */
function wordOf(event: EngineEvent): string {
  return `${event.diagnosticEvent?.urn?.split('::').pop() ?? ''}: ${messageIn(event)}`;
}

function missing(wanted: string[], found: string[]): string[] {
  const absent = wanted.filter((line) => !found.includes(line)).map((line) => `not there: ${line}`);
  const surplus = found.length > wanted.length ? [`found ${found.join(', ')}`] : [];
  return [...absent, ...surplus];
}

/** What Pulumi says of any failure; the cause stands elsewhere. */
const NO_CAUSE = ['update failed', '1 error occurred:'];

/** The end of a run in a few words: its errors' first lines, or that it went on. */
function describeEnd({ succeeded, text }: Outcome): string {
  if (succeeded) return 'it went on to its end';
  const errors = [...text.matchAll(/^\s+(?:error:|\*) (.*)$/gm)].map(([, line = '']) => line.trim());
  const causes = new Set(errors.filter((line) => !NO_CAUSE.includes(line)));
  return `it ended with “${[...causes].join('”, “') || 'no word'}”`;
}
