import { icon, make, parts, setAttribute, setText, sync } from './dom.js';
import { PHASES } from './words.js';

/** The four counts at the top of the page. */
export function drawSummary(summary, list) {
  const { managers, nodes, services, tasks } = summary;
  const spare = managers.reachable - managers.needed;
  const quorum = spare < 0 ? 'no quorum' : `can lose ${spare === 0 ? 'none' : spare}`;
  const tiles = [
    {
      ...tile('Managers', managers.reachable, managers.total, quorum),
      ...(spare < 0 ? { tone: 'bad' } : { aside: 'quorum, ' }),
    },
    tile('Nodes', nodes.ready, nodes.total, 'ready'),
    tile('Services', services.converged, services.total, 'converged'),
    tile('Tasks', tasks.running, tasks.desired, 'running'),
  ];
  sync(list, tiles, (one) => one.name, createTile, updateTile);
}

function tile(name, count, total, note) {
  return { name, count, total, note, aside: '', tone: count < total ? 'warn' : 'good' };
}

function createTile({ name }) {
  const element = make(
    'div',
    {},
    make('dt', {}, name),
    make('dd', {}, make('strong', { 'data-part': 'count' }), make('span', { 'data-part': 'total' })),
    make(
      'dd',
      { class: 'note' },
      make('span', { class: 'aside', 'data-part': 'aside' }),
      make('span', { 'data-part': 'note' }),
    ),
  );
  parts(element);
  return element;
}

function updateTile(element, { count, total, aside, note, tone }) {
  const part = parts(element);
  setAttribute(element, 'data-tone', tone);
  setText(part.count, String(count));
  setText(part.total, `/${total}`);
  setText(part.aside, aside);
  setText(part.note, note);
}

/** The banner: what is wrong, why, what to do; and how old the state below it is. */
export function drawProblem(banner, problem, staleAt, now) {
  banner.hidden = !problem;
  if (!problem) {
    banner.replaceChildren();
    return;
  }
  if (banner.children.length === 0) {
    banner.append(
      icon('failed'),
      make('h2', { 'data-part': 'title' }),
      make('p', { class: 'cure', 'data-part': 'cure' }),
      make('p', { class: 'detail', 'data-part': 'detail' }),
      make('p', { class: 'age', 'data-part': 'age' }),
    );
    delete banner.parts;
  }
  const part = parts(banner);
  setText(part.title, problem.title);
  setText(part.cure, problem.cure);
  setText(part.detail, problem.detail);
  part.age.hidden = !staleAt;
  // Only the minute, or a screen reader would read the banner out every second.
  if (staleAt) setText(part.age, `Below is the last known state, from ${clockTime(staleAt, now)}.`);
}

function clockTime(time, now) {
  const moment = new Date(time);
  return now - time < 20 * 3600_000 ? moment.toLocaleTimeString() : moment.toLocaleString();
}

/** One entry for each phase a task can be in, and one for updates. */
export function drawLegend(list) {
  for (const [phase, word] of Object.entries(PHASES)) {
    list.append(make('li', { 'data-phase': phase }, icon(phase), word));
  }
  list.append(make('li', { 'data-outdated': '' }, 'another image than its service is to run'));
}
