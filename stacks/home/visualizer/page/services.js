import { groupBy, icon, make, parts, setAttribute, setIcon, setText, sync } from './dom.js';
import { hue, imageName, shortName } from './words.js';

/** More replicas than this are shown as a bar in proportion. */
const MAX_PIPS = 24;

/** One card for each service: how many of its tasks run, which image, which ports. */
export function drawServices(state, list, selected, select) {
  const tasks = groupBy(state.tasks, (task) => task.serviceId);
  const items = state.services.map((service) => ({ service, tasks: tasks.get(service.id) ?? [], selected }));
  sync(
    list,
    items,
    ({ service }) => service.id,
    ({ service }) => createService(service, select),
    updateService,
  );
}

function createService(service, select) {
  const pick = make(
    'button',
    { type: 'button', class: 'pick', 'data-part': 'pick', title: service.name },
    shortName(service),
  );
  pick.addEventListener('click', () => select(service.name));
  const status = icon('running');
  status.dataset.part = 'icon';
  const element = make(
    'li',
    { class: 'service', 'data-hue': hue(service.name) },
    make(
      'div',
      { class: 'row' },
      make('h3', {}, pick, ' ', make('span', { class: 'quiet' }, service.stack ?? '')),
      make(
        'p',
        { class: 'count' },
        make('strong', { 'data-part': 'running' }),
        make('span', { 'data-part': 'desired' }),
      ),
    ),
    make('div', { class: 'pips', 'data-part': 'pips', 'aria-hidden': 'true' }),
    make(
      'div',
      { class: 'facts' },
      make('p', { class: 'status' }, status, make('span', { 'data-part': 'status' })),
      make('p', { class: 'quiet', 'data-part': 'about' }),
      make('ul', { class: 'ports', 'data-part': 'ports', 'aria-label': 'Published ports' }),
    ),
  );
  parts(element);
  return element;
}

function updateService(element, { service, tasks, selected }) {
  const part = parts(element);
  const [phase, word] = statusOf(service, tasks);
  setAttribute(part.pick, 'aria-pressed', selected === service.name);
  setAttribute(element, 'data-phase', phase);
  element.classList.toggle('dim', selected !== '' && selected !== service.name);
  setText(part.running, String(service.running));
  setText(part.desired, `/${service.desired}`);
  setIcon(part.icon, phase);
  setText(part.status, word);
  const mode = service.mode === 'replicated' ? '' : ` · ${service.mode.replace('-', ' ')}`;
  setText(part.about, imageName(service.image) + mode);
  setAttribute(part.about, 'title', service.image.reference);
  drawPips(part.pips, service, tasks);
  sync(
    part.ports,
    service.ports,
    (port) => `${port.published}/${port.target}/${port.protocol}/${port.mode}`,
    createPort,
    () => {},
  );
}

function statusOf(service, tasks) {
  const has = (phase) => tasks.some((task) => task.phase === phase);
  if (service.update === 'paused' || service.update === 'rollback paused')
    return ['failed', `update ${service.update}`];
  if (service.update) return ['starting', service.update];
  if (service.converged) {
    if (service.desired === 0) return ['stopping', 'scaled to none'];
    return service.mode.endsWith('job') ? ['complete', 'complete'] : ['running', 'running'];
  }
  if (has('failed')) return ['failed', 'failing'];
  if (has('starting')) return ['starting', 'starting'];
  if (has('pending')) return ['pending', 'waiting for a node'];
  return ['pending', 'waiting'];
}

function drawPips(element, service, tasks) {
  const missing = Math.max(0, service.desired - service.running);
  const coming = tasks.filter((task) => task.phase === 'starting').length;
  const failed = tasks.filter((task) => task.phase === 'failed').length;
  const failing = Math.min(missing, failed);
  const starting = Math.min(missing - failing, coming);
  const bars = [
    ['running', service.running],
    ['starting', starting],
    ['failed', failing],
    ['missing', missing - starting - failing],
  ];
  const total = service.running + missing;
  const scale = total > MAX_PIPS ? MAX_PIPS / total : 1;
  const pips = bars.flatMap(([phase, count]) => Array(Math.ceil(count * scale)).fill(phase));
  sync(
    element,
    pips.map((phase, index) => ({ phase, index: String(index) })),
    (pip) => pip.index,
    () => make('i'),
    (pip, { phase }) => setAttribute(pip, 'data-phase', phase),
  );
}

/** A TCP port in ingress mode answers at whatever node this page came from. */
function createPort(port) {
  const suffix = port.protocol === 'tcp' ? '' : `/${port.protocol}`;
  const text = port.published
    ? `${port.published} → ${port.target}${suffix}`
    : `${port.target}${suffix}, not published yet`;
  if (port.mode !== 'ingress' || port.protocol !== 'tcp' || !port.published) {
    return make('li', {}, make('span', {}, port.mode === 'host' ? `${text} on its node` : text));
  }
  const scheme = port.target === 443 || port.target === 8443 ? 'https' : 'http';
  const url = `${scheme}://${location.hostname}:${port.published}/`;
  return make('li', {}, make('a', { href: url, target: '_blank', rel: 'noreferrer', title: `Open ${url}` }, text));
}
