import fc from 'fast-check';
import type { ApiInfo } from '../../../../core/docker/types';
import { decideFormation, type Candidate } from '../../../../core/swarm/formation';

const says = (name: string, swarm: Partial<ApiInfo['Swarm']> = {}): Candidate => ({
  name,
  swarm: {
    NodeID: '',
    NodeAddr: '',
    LocalNodeState: 'inactive',
    ControlAvailable: false,
    Error: '',
    RemoteManagers: null,
    ...swarm,
  },
});
const silent = (name: string): Candidate => ({ name });
const managerOf = (name: string, id: string) =>
  says(name, { LocalNodeState: 'active', ControlAvailable: true, Cluster: { ID: id, CreatedAt: '' } });

describe('forming the swarm', () => {
  it('begins on the first machine when all say that they are in none', () => {
    expect(decideFormation([says('node1'), says('node2'), says('node3')])).toEqual({ kind: 'init', on: 'node1' });
  });

  it('adopts the swarm it finds, on whichever machine, even while others are silent', () => {
    expect(decideFormation([silent('node1'), says('node2'), managerOf('node3', 'abc')])).toEqual({
      kind: 'adopt',
      clusterId: 'abc',
      managers: ['node3'],
    });
  });

  it('refuses two swarms and names both with their machines', () => {
    const formation = decideFormation([
      managerOf('node1', 'abc'),
      managerOf('node2', 'xyz'),
      managerOf('node3', 'abc'),
    ]);
    expect(formation).toMatchObject({
      kind: 'refuse',
      cause: 'the machines belong to different swarms: abc (node1, node3) and xyz (node2)',
    });
  });

  it('refuses while one machine is silent and no other is in a swarm: it may hold the swarm', () => {
    expect(decideFormation([says('node1'), silent('node2'), says('node3')])).toMatchObject({
      kind: 'refuse',
      cause: 'node2 cannot be asked, and no other manager is in a swarm: it may hold the swarm',
    });
  });

  it.each([
    ['locked', says('node2', { LocalNodeState: 'locked' }), 'node2 holds a locked swarm'],
    [
      'broken',
      says('node2', { LocalNodeState: 'error', Error: 'certificate expired' }),
      'reports an error (certificate expired)',
    ],
    ['joining', says('node2', { LocalNodeState: 'pending' }), 'still joining'],
    ['leaderless', says('node2', { LocalNodeState: 'active', ControlAvailable: true }), 'has no leader'],
    ['working elsewhere', says('node2', { LocalNodeState: 'active' }), 'of which no manager is declared here'],
  ])('refuses while one machine is %s, and says what to do', (_state, candidate, cause) => {
    const formation = decideFormation([says('node1'), candidate]);
    expect(formation).toMatchObject({ kind: 'refuse', cause: expect.stringContaining(cause) as string });
  });

  it('is not kept from adopting by a member that is locked', () => {
    const formation = decideFormation([managerOf('node1', 'abc'), says('node2', { LocalNodeState: 'locked' })]);
    expect(formation.kind).toBe('adopt');
  });

  it('never takes another swarm, nor a new one, for the one it knows', () => {
    expect(decideFormation([managerOf('node1', 'xyz')], 'abc')).toMatchObject({
      kind: 'refuse',
      cause: 'node1 belongs to swarm xyz, not to abc',
    });
    expect(decideFormation([says('node1')], 'abc')).toMatchObject({ kind: 'refuse' });
    expect(decideFormation([managerOf('node1', 'abc')], 'abc').kind).toBe('adopt');
  });

  it('begins a swarm only when every machine says that it is in none', () => {
    const state = fc.constantFrom('inactive', 'active', 'pending', 'error', 'locked', 'silent', 'a', 'b');
    fc.assert(
      fc.property(fc.array(state, { minLength: 1, maxLength: 7 }), (states) => {
        const candidates = states.map((word, index) => {
          const name = `node${index}`;
          if (word === 'silent') return silent(name);
          if (word === 'a' || word === 'b') return managerOf(name, word);
          return says(name, { LocalNodeState: word as ApiInfo['Swarm']['LocalNodeState'] });
        });
        const { kind } = decideFormation(candidates);
        expect(kind === 'init').toBe(states.every((word) => word === 'inactive'));
        expect(kind === 'adopt').toBe(states.includes('a') !== states.includes('b'));
      }),
    );
  });
});
