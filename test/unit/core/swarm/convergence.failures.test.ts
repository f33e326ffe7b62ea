import type { ApiService, ApiTask } from '../../../../core/docker/types';
import { judgeConvergence } from '../../../../core/swarm/convergence';
import { aNode, aService, aTask, type TaskTraits } from './builders';

const nodes = [
  aNode({ name: 'node1', role: 'manager', address: '10.0.0.1' }),
  aNode({ name: 'node2', address: '10.0.0.2' }),
  aNode({ name: 'node3', address: '10.0.0.3', labels: { zone: 'b' } }),
];

function judge(service: ApiService, tasks: ApiTask[], among = nodes) {
  const { services, converged, failed } = judgeConvergence([service], tasks, among);
  const [only] = services;
  if (!only) throw new Error('no service');
  return { ...only, all: { converged, failed } };
}

const running = (service: ApiService, ...onNodes: string[]): ApiTask[] =>
  onNodes.map((node, index) => aTask(service, { slot: index + 1, node }));

describe('a service that will not come up', () => {
  const web = aService();
  const failures = (count: number, traits: TaskTraits = {}): ApiTask[] =>
    Array.from({ length: count }, () => {
      const error = 'task: non-zero exit (1)';
      return aTask(web, { slot: 1, node: 'node2', state: 'failed', wanted: 'shutdown', error, ...traits });
    });
  const next = aTask(web, { slot: 1, node: 'node2', state: 'starting' });

  it('is known after three failures of one replica, with each error once', () => {
    expect(judge(web, [...failures(2), next])).toMatchObject({
      failed: false,
      errors: ['node2: task: non-zero exit (1)'],
    });
    expect(judge(web, [...failures(3), next])).toMatchObject({
      failed: true,
      errors: ['replica 1 failed 3 times', 'node2: task: non-zero exit (1)'],
    });
  });

  it('is known when nodes reject its tasks, as with an image that nobody has', () => {
    const error = 'No such image: web:1';
    const tasks = [...failures(3, { state: 'rejected', error }), next];
    expect(judge(web, tasks)).toMatchObject({ failed: true, errors: ['replica 1 failed 3 times', `node2: ${error}`] });
  });

  it('is not taken for one because of failures of the old version, or from before the deployment', () => {
    expect(judge(web, [...failures(5, { image: 'web:0' }), next]).failed).toBe(false);
    const history = failures(3);
    const before = new Set(history.map(({ ID }) => ID));
    expect(judgeConvergence([web], [...history, next], nodes, before).failed).toBe(false);
  });

  it('is not taken for one because different replicas failed once', () => {
    const tasks = [1, 2, 3].flatMap((slot) => [...failures(1, { slot }), aTask(web, { slot, node: 'node1' })]);
    expect(judge(web, tasks)).toMatchObject({ converged: true, failed: false });
  });

  it('is known at once when its restart policy starts no other task', () => {
    expect(judge(web, failures(1))).toMatchObject({
      failed: true,
      errors: expect.arrayContaining(['replica 1 ended and its restart policy starts no other']) as string[],
    });
    const completed = [aTask(web, { slot: 1, node: 'node1', state: 'complete', wanted: 'shutdown' })];
    expect(judge(web, completed).failed).toBe(true);
  });

  it('fails the whole, while the others are judged by themselves', () => {
    const db = aService({ name: 'home_db', mode: { Replicated: { Replicas: 1 } } });
    const verdict = judgeConvergence([web, db], [...failures(3), next, ...running(db, 'node1')], nodes);
    expect(verdict).toMatchObject({ converged: false, failed: true });
    expect(verdict.services.map(({ name, converged, failed }) => [name, converged, failed])).toEqual([
      ['home_db', true, false],
      ['home_web', false, true],
    ]);
  });
});
