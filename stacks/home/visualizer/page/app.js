import { setAttribute, setText } from './dom.js';
import { drawLegend, drawProblem, drawSummary } from './header.js';
import { drawNodes } from './nodes.js';
import { drawServices } from './services.js';
import { duration } from './words.js';

/** Three missed beats of the server (one in 10 s): the line is dead, though the browser may not know it. */
const SILENCE = 30_000;
const RETRY = 3_000;

let snapshot = { problem: null, state: null };
let selected = new URLSearchParams(location.hash.slice(1)).get('service') ?? '';
let connectedSince = null;
let lostSince = Date.now();
let lastWord = Date.now();
let clockOffset = 0;
let pageVersion = null;
let stream = null;

/** The time at the server, which all times in the state come from. */
const now = () => Date.now() + clockOffset;

function connect() {
  stream?.close();
  stream = new EventSource('events');
  lastWord = Date.now();
  stream.addEventListener('hello', (event) => heard(JSON.parse(event.data)));
  stream.addEventListener('beat', (event) => heard(JSON.parse(event.data)));
  stream.addEventListener('state', (event) => {
    snapshot = JSON.parse(event.data);
    heard();
    draw();
  });
  stream.addEventListener('error', () => lost());
}

function heard(word) {
  lastWord = Date.now();
  if (word) {
    clockOffset = word.now - Date.now();
    // A display that is never touched still gets the page that belongs to the new server.
    if (pageVersion !== null && pageVersion !== word.version) location.reload();
    pageVersion = word.version;
  }
  if (connectedSince === null) {
    connectedSince = Date.now();
    lostSince = null;
    drawStatus();
  }
}

function lost() {
  connectedSince = null;
  lostSince ??= lastWord;
  drawStatus();
}

function select(name) {
  selected = selected === name ? '' : name;
  history.replaceState(null, '', selected ? `#${new URLSearchParams({ service: selected })}` : location.pathname);
  draw();
}

function draw() {
  const { state } = snapshot;
  for (const part of document.querySelectorAll('main, footer')) part.hidden = !state;
  if (state) {
    if (selected && !state.services.some((service) => service.name === selected)) selected = '';
    drawSummary(state.summary, document.getElementById('summary'));
    drawServices(state, document.getElementById('services'), selected, select);
    drawNodes(state, document.getElementById('nodes'), selected, select);
    drawAges();
    const { services, managers } = state.summary;
    const sign = managers.reachable < managers.needed || services.converged < services.total ? '! ' : '';
    document.title = `${sign}${services.converged}/${services.total} services · Swarm`;
  }
  drawStatus();
}

function status() {
  if (!snapshot.state && !snapshot.problem) return ['connecting', 'wait'];
  if (lostSince !== null) return ['reconnecting', 'bad'];
  return snapshot.staleSince || !snapshot.state ? ['not live', 'bad'] : ['live', 'good'];
}

function drawStatus() {
  const { problem, staleSince, state } = snapshot;
  const live = document.getElementById('live');
  const [word, tone] = status();
  setText(live, word);
  setAttribute(live, 'data-tone', tone);
  const silent = lostSince !== null && Date.now() - lostSince > RETRY;
  const shown = silent
    ? {
        title: 'The visualizer does not answer',
        detail: `No word from it since ${new Date(lostSince).toLocaleTimeString()}.`,
        cure: 'It may be moving to another manager. This page reconnects by itself.',
      }
    : problem;
  const staleAt = silent ? lostSince + clockOffset : staleSince ? Date.parse(staleSince) : null;
  drawProblem(document.getElementById('problem'), shown, state && staleAt, now());
  document.body.classList.toggle('stale', Boolean(state && staleAt));
}

function drawAges() {
  for (const time of document.querySelectorAll('time[datetime]')) {
    setText(time, duration(now() - Date.parse(time.dateTime)));
  }
}

function tick() {
  drawAges();
  if (Date.now() - lastWord > SILENCE) {
    lost();
    connect();
  } else if (stream.readyState === EventSource.CLOSED && Date.now() - lastWord > RETRY) {
    connect();
  } else if (lostSince !== null || snapshot.problem) {
    drawStatus();
  }
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && selected) select(selected);
});
drawLegend(document.getElementById('legend'));
connect();
setInterval(tick, 1000);
