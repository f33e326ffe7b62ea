import { isNotFound } from '../../../core/docker/engine-api';
import { type ApiEvent } from '../../../core/docker/types';
import { until } from '../ssh/server';
import { Refusal, Scene } from './engine';

describe('the Engine API of a machine', () => {
  const scene = new Scene();
  afterEach(() => scene.stop());

  it('answers over the one SSH connection, without a session', async () => {
    const api = await scene.start({ 'GET /version': () => ({ Version: '26.1.5', ApiVersion: '1.45' }) });
    const versions = await Promise.all(Array.from({ length: 20 }, () => api.version()));
    expect(versions).toEqual(Array(20).fill({ Version: '26.1.5', ApiVersion: '1.45' }));
    expect(scene.ssh.connections).toBe(1);
    expect(scene.ssh.mostSessions).toBe(0);
  });

  it('lists with filters', async () => {
    const api = await scene.start({ 'GET /services': () => [{ ID: 's1' }] });
    const services = await api.services({ label: ['com.docker.stack.namespace=home'] });
    expect(services).toEqual([{ ID: 's1' }]);
    expect(scene.engine.requests[0]?.query).toEqual({
      status: 'true',
      filters: '{"label":["com.docker.stack.namespace=home"]}',
    });
  });

  it('initialises a swarm as told, and leaves the rest to the engine', async () => {
    const api = await scene.start({ 'POST /swarm/init': () => 'node-id' });
    const id = await api.swarmInit({
      advertiseAddress: '10.77.0.11',
      defaultAddressPools: ['10.20.0.0/16'],
      subnetSize: 24,
      spec: { Orchestration: { TaskHistoryRetentionLimit: 2 } },
    });
    expect(id).toBe('node-id');
    expect(scene.engine.requests[0]?.body).toEqual({
      ListenAddr: '0.0.0.0:2377',
      AdvertiseAddr: '10.77.0.11',
      DefaultAddrPool: ['10.20.0.0/16'],
      SubnetSize: 24,
      Spec: { Orchestration: { TaskHistoryRetentionLimit: 2 } },
    });
  });

  it('joins a swarm', async () => {
    const api = await scene.start({ 'POST /swarm/join': () => Buffer.alloc(0) });
    const managers = ['10.77.0.11:2377', '10.77.0.12:2377'];
    await api.swarmJoin({ token: 'SWMTKN-1', managers, advertiseAddress: '10.77.0.14', availability: 'drain' });
    expect(scene.engine.requests[0]?.body).toEqual({
      ListenAddr: '0.0.0.0:2377',
      AdvertiseAddr: '10.77.0.14',
      RemoteAddrs: managers,
      JoinToken: 'SWMTKN-1',
      Availability: 'drain',
    });
  });

  it('changes a node only in the version that was read', async () => {
    const api = await scene.start({ 'POST /nodes/n1/update': () => new Refusal(500, 'update out of sequence') });
    const attempt = api.nodeUpdate('n1', 42, { Role: 'manager', Availability: 'active', Labels: { zone: 'a' } });
    await expect(attempt).rejects.toThrow(new Error('node1: changing a node failed: update out of sequence'));
    expect(scene.engine.requests[0]).toMatchObject({ query: { version: '42' }, body: { Labels: { zone: 'a' } } });
  });

  it('gives a secret its content, and never tells it', async () => {
    const api = await scene.start({
      'POST /secrets/create': () => new Refusal(409, 'name conflicts with an existing object'),
    });
    const attempt = api.secretCreate('home_password-1', Buffer.from('pa55'), { app: 'home' });
    await expect(attempt).rejects.toMatchObject({
      status: 409,
      message: 'node1: creating home_password-1 failed: name conflicts with an existing object',
    });
    expect(scene.engine.requests[0]?.body).toEqual({
      Name: 'home_password-1',
      Labels: { app: 'home' },
      Data: Buffer.from('pa55').toString('base64'),
    });
  });

  it('tells what is not there from other failures', async () => {
    const api = await scene.start({ 'GET /nodes/n2': () => new Refusal(503, 'The swarm does not have a leader.') });
    const [missing, leaderless] = await Promise.allSettled([api.node('n1'), api.node('n2')]);
    expect(missing.status === 'rejected' && isNotFound(missing.reason)).toBe(true);
    expect(leaderless.status === 'rejected' && isNotFound(leaderless.reason)).toBe(false);
    await expect(api.node('n2')).rejects.toThrow('\n  cure: bring back enough managers for a majority');
  });

  it('quotes nothing of an answer it can not read', async () => {
    const api = await scene.start({ 'GET /swarm': () => Buffer.from('SWMTKN-1-secret') });
    await expect(api.swarmInspect()).rejects.toThrow(
      new Error("node1: reading the swarm failed: the engine's answer is not JSON"),
    );
  });

  it('reads the log of a task, both outputs in their order', async () => {
    const frame = (output: number, text: string): Buffer => {
      const head = Buffer.from([output, 0, 0, 0, 0, 0, 0, 0]);
      head.writeUInt32BE(Buffer.byteLength(text), 4);
      return Buffer.concat([head, Buffer.from(text)]);
    };
    const log = Buffer.concat([frame(1, 'ready ✓\n'), frame(2, 'cannot bind\n'), frame(1, 'bye\n')]);
    const api = await scene.start({
      'GET /tasks/t1/logs': () => log,
      'GET /tasks/t2/logs': () => Buffer.from('raw terminal\n'),
    });
    expect(await api.taskLogs('t1', { tail: 5 })).toBe('ready ✓\ncannot bind\nbye\n');
    expect(scene.engine.requests[0]?.query).toEqual({ stdout: 'true', stderr: 'true', tail: '5' });
    expect(await api.taskLogs('t2', { tail: 5 })).toBe('raw terminal\n');
  });

  it('gives up on an engine that hangs', async () => {
    const api = await scene.start({ 'GET /info': () => undefined }, { client: { timeoutSeconds: 0.3 } });
    const attempt = api.info();
    await expect(attempt).rejects.toMatchObject({ kind: 'time-limit' });
    await expect(attempt).rejects.toThrow(
      'node1: asking the engine for its state failed: no answer from the engine within 0.3 s\n' +
        '  cure: see `systemctl status docker` on node1',
    );
  });

  it('stops at once when cancelled', async () => {
    const api = await scene.start({ 'GET /info': () => undefined });
    const abort = new AbortController();
    const attempt = api.info({ signal: abort.signal });
    const refused = expect(attempt).rejects.toMatchObject({ kind: 'cancelled' });
    await until(() => scene.engine.requests.length === 1);
    abort.abort(new Error('cancelled'));
    await refused;
  });

  it('says so when the engine breaks off', async () => {
    const api = await scene.start({ 'GET /info': (_request, response) => void response.destroy() });
    await expect(api.info()).rejects.toMatchObject({ kind: 'dropped' });
    await expect(api.info()).rejects.toThrow('the connection to the engine broke off');
  });

  it('says so when no engine is running', async () => {
    const api = await scene.start({}, { client: { socketPath: '/nowhere/docker.sock' } });
    const attempt = api.info();
    await expect(attempt).rejects.toMatchObject({ kind: 'unreachable' });
    await expect(attempt).rejects.toThrow(
      'node1: asking the engine for its state failed: nothing listens at /nowhere/docker.sock, or user tester may not open it\n' +
        '  cure: see `systemctl status docker` on node1',
    );
  });

  it('says so when the machine was lost', async () => {
    const api = await scene.start({ 'GET /info': () => undefined });
    const attempt = expect(api.info()).rejects.toMatchObject({ kind: 'dropped' });
    await until(() => scene.engine.requests.length === 1);
    scene.ssh.cut();
    await attempt;
    await expect(api.info()).rejects.toMatchObject({ kind: 'unreachable' });
  });

  describe('as events', () => {
    const event = (action: string): string => `${JSON.stringify({ Type: 'node', Action: action })}\n`;

    it('come one by one, however they are cut into pieces, until cancelled', async () => {
      const api = await scene.start({
        'GET /events': (_request, response) => {
          const text = event('create') + event('update');
          response.write(text.slice(0, 10));
          setTimeout(() => response.write(text.slice(10)), 20);
        },
      });
      const abort = new AbortController();
      const seen: string[] = [];
      const watching = async (): Promise<void> => {
        for await (const { Action } of api.events({ type: ['node'] }, abort.signal)) {
          if (seen.push(Action) === 2) abort.abort(new Error('enough'));
        }
      };
      await expect(watching()).rejects.toMatchObject({ kind: 'cancelled' });
      expect(seen).toEqual(['create', 'update']);
    });

    it('leave nothing open when the listener has heard enough', async () => {
      let open = 0;
      const api = await scene.start({
        'GET /events': (_request, response) => {
          open++;
          response.once('close', () => open--);
          response.write(event('create'));
        },
      });
      const first = async (): Promise<ApiEvent | undefined> => {
        for await (const one of api.events()) return one;
        return undefined;
      };
      expect(await first()).toMatchObject({ Action: 'create' });
      await until(() => open === 0);
    });

    it('end with an error when the machine is lost', async () => {
      const api = await scene.start({ 'GET /events': (_request, response) => void response.write(event('create')) });
      const watching = async (): Promise<void> => {
        for await (const one of api.events()) {
          expect(one.Action).toBe('create');
          scene.ssh.cut();
        }
      };
      await expect(watching()).rejects.toMatchObject({ kind: 'dropped' });
    });
  });
});
