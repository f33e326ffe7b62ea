import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type Page } from 'playwright-core';
import { FakeEngine } from './fake-engine';
import { buildVisualizer, startChromium, startVisualizer, type RunningVisualizer } from './visualizer';

jest.setTimeout(60_000);

const VIEWPORTS = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 360, height: 740 },
  'small phone': { width: 320, height: 568 },
};

let folder: string;
let program: string;
let browser: Browser;
let engine: FakeEngine;
let visualizer: RunningVisualizer;
let page: Page;
/** Whatever a page must not do: errors on its console, requests to elsewhere. */
let faults: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'visualizer-'));
  browser = await startChromium();
  program = buildVisualizer(folder);
}, 180_000);

afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  const socket = join(folder, 'docker.sock');
  engine = new FakeEngine(socket);
  await engine.start();
  visualizer = await startVisualizer(program, socket);
  faults = [];
});

afterEach(async () => {
  await page.context().close();
  visualizer.process.kill();
  await engine.stop();
});

async function open(viewport: { width: number; height: number }): Promise<void> {
  const context = await browser.newContext({ viewport });
  page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(visualizer.url)) faults.push(`request to ${request.url()}`);
  });
  await page.goto(visualizer.url);
  await page.getByText('node5', { exact: true }).waitFor();
}

const card = (name: string) =>
  page.locator('#nodes > li').filter({ has: page.getByRole('heading', { name, exact: true }) });
const service = (name: string) =>
  page.locator('#services > li').filter({ has: page.getByRole('button', { name, exact: true }) });
/** What a closed task on a node shows. */
const summary = (node: string, text: string) => card(node).locator('summary').getByText(text);
const problem = () => page.getByRole('alert');
const textOf = async (selector: string) => (await page.locator(selector).innerText()).split(/\s+/).join(' ');

describe.each(Object.entries(VIEWPORTS))('on a %s', (_, viewport) => {
  beforeEach(() => open(viewport));

  test('nodes, services and tasks are shown', async () => {
    expect(await textOf('#summary')).toMatch(/Managers 3\/3 .*Nodes 5\/5 ready Services 2\/2 converged Tasks 4\/4/);
    expect(await page.locator('#nodes h3').allInnerTexts()).toEqual(['node1', 'node2', 'node3', 'node4', 'node5']);
    expect(await card('node1').innerText()).toMatch(
      /ready\s+leader\s+manager\s+active\s+10\.77\.0\.11\s+Docker 20\.10/,
    );
    expect(await card('node4').innerText()).toMatch(/worker.*disk=ssd\s+function=production.*httpd.*3\s+running\s+:1/s);
    expect(await card('node5').innerText()).toContain('no tasks');
    expect(await service('httpd').innerText()).toMatch(/httpd\s+home\s+3\/3\s+running\s+httpd:1\s+80 → 80/);
    expect(faults).toEqual([]);
  });

  test('nothing needs scrolling sideways, also with opened details and a long error', async () => {
    engine.change(() => {
      const task = engine.httpd(1);
      task.Status = { ...task.Status, State: 'failed', Err: `no such file: /${'very-long-name/'.repeat(20)}` };
    });
    await summary('node2', 'no such file').click();
    await card('node2').getByText(engine.httpd(1).ID).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
  });
});

describe('while it is open', () => {
  beforeEach(() => open(VIEWPORTS.desktop));

  test('the page follows the swarm without being loaded again', async () => {
    await page.evaluate('window.sameDocument = true');
    engine.change((swarm) => {
      engine.httpd(3).Status.State = 'preparing';
      for (const node of swarm.nodes.slice(-1)) node.Spec.Availability = 'drain';
    });
    await summary('node4', 'preparing').waitFor();
    await card('node5').getByText('drain').waitFor();
    expect(await service('httpd').innerText()).toMatch(/2\/3\s+starting/);
    // No event tells of this one: the page learns it because the task was on its way.
    engine.httpd(3).Status.State = 'running';
    await service('httpd').getByText('3/3').waitFor();
    expect(await page.evaluate('window.sameDocument')).toBe(true);
    expect(faults).toEqual([]);
  });

  test("a failed task shows its error, and a lost node's tasks are marked", async () => {
    engine.change((swarm) => {
      const failed = engine.httpd(1);
      failed.DesiredState = 'shutdown';
      failed.Status = { ...failed.Status, State: 'failed', Err: 'task: non-zero exit (137)' };
      const lost = swarm.nodes.filter(({ ID }) => ID === engine.httpd(3).NodeID);
      for (const node of lost) node.Status = { State: 'down', Message: 'heartbeat failure' };
    });
    await summary('node2', 'task: non-zero exit (137)').waitFor();
    expect(await card('node4').innerText()).toMatch(/down.*node down/s);
    expect(await service('httpd').innerText()).toMatch(/1\/3\s+failing/);
  });

  test('a task without a node has a card of its own', async () => {
    engine.change(() => {
      const task = engine.httpd(3);
      task.NodeID = '';
      task.Status = { ...task.Status, State: 'pending', Err: 'no suitable node' };
    });
    await summary('No node yet', 'no suitable node').waitFor();
    expect(await service('httpd').innerText()).toContain('waiting for a node');
  });

  test('a service is singled out by keyboard, and all are back with Escape', async () => {
    await service('visualizer').getByRole('button').focus();
    await page.keyboard.press('Enter');
    expect(await service('visualizer').getByRole('button').getAttribute('aria-pressed')).toBe('true');
    expect(await card('node1').getAttribute('class')).not.toContain('dim');
    expect(await card('node2').getAttribute('class')).toContain('dim');
    await page.keyboard.press('Escape');
    expect(await page.locator('.dim').count()).toBe(0);
  });

  test('an engine that goes away is announced over the greyed last state, until it is back', async () => {
    await engine.stop();
    await problem().getByText('The Docker engine does not answer').waitFor();
    expect(await problem().innerText()).toContain('last known state');
    expect(await page.locator('body').getAttribute('class')).toContain('stale');
    expect(await card('node1').isVisible()).toBe(true);
    await engine.start();
    await problem().waitFor({ state: 'hidden' });
    expect(await page.getByRole('status').innerText()).toBe('live');
  });

  test('a visualizer that goes away is announced too', async () => {
    visualizer.process.kill();
    await problem().getByText('The visualizer does not answer').waitFor();
    expect(await page.getByRole('status').innerText()).toBe('reconnecting');
  });
});
