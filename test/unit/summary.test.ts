import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { askEndpoints, renderSummary, type Outputs } from '../../tools/summary';

const outputs: Outputs = {
  nodes: [
    { name: 'manager1', role: 'manager', address: '10.77.0.11', nodeId: 'x1', labels: { disk: 'ssd', fast: '' } },
    { name: 'w1', role: 'worker', address: '10.77.0.14', nodeId: 'x4' },
  ],
  endpoints: {
    home: { httpd: ['http://127.77.0.11/', 'http://127.77.0.14/'], visualizer: ['http://127.77.0.11:8080/'], idle: [] },
  },
  dockerHost: 'ssh://root@127.77.0.11:22',
};

describe('the summary', () => {
  const text = renderSummary('dev', outputs, new Map([['http://127.77.0.14/', 'ok']]));
  const lines = text.split('\n');

  test('says how much there is; a service without a published port has no address to show', () => {
    expect(lines[0]).toBe('Environment dev: 2 nodes, 2 services');
    expect(text).not.toContain('idle');
  });

  test('lists nodes in aligned columns, with their labels', () => {
    expect(lines).toContain('NODE      ROLE     ADDRESS     LABELS');
    expect(lines).toContain('manager1  manager  10.77.0.11  disk=ssd fast');
    expect(lines).toContain('w1        worker   10.77.0.14');
  });

  test('marks each address with what it said, and names a service once', () => {
    expect(lines).toContain('home httpd       http://127.77.0.11/       not asked');
    expect(lines).toContain('                 http://127.77.0.14/       ok');
  });

  test('ends with one address for each service, one that answers if there is any', () => {
    const end = text.slice(text.indexOf('Open in a browser'));
    expect(end).toBe(
      'Open in a browser:\n  home httpd       http://127.77.0.14/\n  home visualizer  http://127.77.0.11:8080/\n',
    );
  });

  test('of an environment without stacks shows its nodes only', () => {
    const text = renderSummary('dev', { nodes: outputs.nodes, endpoints: {} }, new Map());
    expect(text).toContain('2 nodes, 0 services');
    expect(text).not.toContain('browser');
  });
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

describe('asking endpoints', () => {
  let server: Server;
  let origin: string;
  const endpoints = (...urls: string[]): Outputs => ({ nodes: [], endpoints: { home: { web: urls } } });

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/slow') return;
      response.statusCode = request.url === '/broken' ? 503 : 200;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${portOf(server)}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('tells an answer from an error, from silence and from a closed port', async () => {
    const urls = ['/', '/broken', '/slow'].map((path) => origin + path);
    const answers = await askEndpoints(endpoints(...urls, `http://127.0.0.2:${portOf(server)}/`), 200);
    expect([...answers.values()]).toEqual([
      'ok',
      'answers with HTTP 503',
      'no answer: nothing within 0.2 s',
      expect.stringContaining('no answer: connect ECONNREFUSED'),
    ]);
  });

  test('leaves addresses on other computers alone', async () => {
    const elsewhere = ['http://192.0.2.1/', 'http://127.example.org/'];
    expect(await askEndpoints(endpoints(...elsewhere), 200)).toEqual(new Map());
  });
});
