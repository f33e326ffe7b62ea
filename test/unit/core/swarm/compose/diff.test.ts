import { diffStacks } from '../../../../../core/swarm/compose/diff';
import { modelOf, serviceWith } from './read';

const changes = (old: string, next: string) => diffStacks(modelOf(old), modelOf(next));

describe('the difference of two stacks', () => {
  it('is empty where nothing but the order changed', () => {
    expect(changes('services: {a: {image: x}, b: {image: y}}', 'services: {b: {image: y}, a: {image: x}}')).toEqual([]);
  });

  it('names the finest place that changed, with both values', () => {
    expect(changes(serviceWith('deploy: {replicas: 3}'), serviceWith('deploy: {replicas: 5}'))).toEqual([
      { path: 'services.web.deploy.replicas', kind: 'update', effect: 'inPlace', old: 3, new: 5 },
    ]);
  });

  it('shows a service that comes or goes as one', () => {
    const two = `${serviceWith()}  db: {image: db}\n`;
    expect(changes(serviceWith(), two)).toEqual([{ path: 'services.db', kind: 'add', effect: 'inPlace' }]);
    expect(changes(two, serviceWith())).toEqual([{ path: 'services.db', kind: 'delete', effect: 'inPlace' }]);
  });

  it.each([
    ['deploy: {labels: {a: b}}', 'inPlace'],
    ['deploy: {update_config: {delay: 10s}}', 'inPlace'],
    ['deploy: {placement: {constraints: [node.role == worker]}}', 'inPlace'],
    ['deploy: {mode: global}', 'replacesService'],
    ['labels: {a: b}', 'restartsTasks'],
    ['command: sleep 1', 'restartsTasks'],
    ['ports: ["80:80"]', 'restartsTasks'],
    ['deploy: {resources: {limits: {memory: 50M}}}', 'restartsTasks'],
    ['deploy: {restart_policy: {condition: any}}', 'restartsTasks'],
    ['healthcheck: {test: "true"}', 'restartsTasks'],
  ])('says what %s does to a running service: %s', (line, effect) => {
    expect(changes(serviceWith(), serviceWith(line)).map((change) => change.effect)).toContain(effect);
  });

  it('says that docker leaves a network that is there as it is', () => {
    const networks = (settings: string) => `${serviceWith('networks: [n]')}networks: {n: ${settings}}\n`;
    expect(changes(networks('{}'), networks('{attachable: true}'))).toEqual([
      { path: 'networks.n.attachable', kind: 'update', effect: 'notApplied', old: false, new: true },
    ]);
  });

  it('does not show values that nobody should read', () => {
    const found = [
      ...changes(serviceWith('environment: {TOKEN: one}'), serviceWith('environment: {TOKEN: two}')),
      ...changes(`${serviceWith()}configs: {c: {content: one}}`, `${serviceWith()}configs: {c: {content: two}}`),
    ];
    expect(found.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'update services.web.environment.TOKEN',
      'update configs.c.content',
    ]);
    expect(JSON.stringify(found)).not.toMatch(/one|two/);
  });
});
