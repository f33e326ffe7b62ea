import { groupBy, icon, make, parts, setAttribute, setIcon, setText, sync } from './dom.js';
import { updateTasks } from './tasks.js';
import { hue, memory, shortName } from './words.js';

/** Stands for the tasks that have no node yet. */
const UNPLACED = '';

/** One card for each node, its tasks grouped by service; and one for tasks without a node, when there are any. */
export function drawNodes(state, list, selected, select) {
  const services = new Map(state.services.map((service) => [service.id, service]));
  const cards = new Map(state.nodes.map((node) => [node.id, { node, tasks: [] }]));
  const unplaced = { node: null, tasks: [] };
  for (const task of state.tasks) (cards.get(task.nodeId) ?? unplaced).tasks.push(task);
  const items = unplaced.tasks.length > 0 ? [unplaced, ...cards.values()] : [...cards.values()];
  sync(
    list,
    items,
    ({ node }) => node?.id ?? UNPLACED,
    ({ node }) => (node ? createNode() : createUnplaced()),
    (element, { node, tasks }) => {
      if (node) updateNode(element, node);
      updateGroups(parts(element).groups, tasks, { services, selected, select, nodeDown: node?.state === 'down' });
      parts(element).empty.hidden = tasks.length > 0;
      element.classList.toggle(
        'dim',
        selected !== '' && !tasks.some((t) => services.get(t.serviceId)?.name === selected),
      );
    },
  );
}

function createNode() {
  const state = icon('running');
  state.dataset.part = 'icon';
  const element = make(
    'li',
    { class: 'node' },
    make(
      'div',
      { class: 'row' },
      make('h3', { 'data-part': 'name' }),
      make('p', { class: 'status' }, state, make('span', { 'data-part': 'state' })),
    ),
    make(
      'p',
      { class: 'role' },
      make('span', { class: 'leader', 'data-part': 'leader' }, icon('leader'), 'leader'),
      make('span', { 'data-part': 'role' }),
      make('span', { class: 'pill', 'data-part': 'reachability' }),
      make('span', { class: 'pill', 'data-part': 'availability' }),
    ),
    make('ul', { class: 'about quiet', 'data-part': 'about' }),
    make('ul', { class: 'labels', 'data-part': 'labels', 'aria-label': 'Labels' }),
    make('ul', { class: 'groups', 'data-part': 'groups' }),
    make('p', { class: 'quiet empty', 'data-part': 'empty' }, 'no tasks'),
  );
  parts(element);
  return element;
}

function createUnplaced() {
  const element = make(
    'li',
    { class: 'node', 'data-state': 'unplaced' },
    make('div', { class: 'row' }, make('h3', {}, 'No node yet')),
    make('p', { class: 'quiet' }, 'Tasks that swarm has not placed.'),
    make('ul', { class: 'groups', 'data-part': 'groups' }),
    make('p', { hidden: '', 'data-part': 'empty' }),
  );
  parts(element);
  return element;
}

function updateNode(element, node) {
  const part = parts(element);
  setAttribute(element, 'data-state', node.state);
  setText(part.name, node.name);
  setIcon(part.icon, node.state === 'ready' ? 'running' : node.state === 'down' ? 'failed' : 'lost');
  setText(part.state, node.state);
  part.leader.hidden = !node.leader;
  setText(part.role, node.role);
  const unreachable = node.reachability && node.reachability !== 'reachable';
  part.reachability.hidden = !unreachable;
  setText(part.reachability, unreachable ? node.reachability : '');
  setText(part.availability, node.availability);
  setAttribute(part.availability, 'data-availability', node.availability);
  const about = [
    node.state === 'ready' ? '' : node.message,
    node.address,
    `Docker ${node.engineVersion}`,
    `${node.os} ${node.architecture}`,
    `${Math.round(node.cpus * 10) / 10} CPU`,
    memory(node.memoryBytes),
  ];
  drawList(part.about, about.filter(Boolean));
  drawList(part.labels, node.labels);
}

function drawList(list, texts) {
  sync(
    list,
    texts,
    (text) => text,
    (text) => make('li', {}, text),
    () => {},
  );
}

function updateGroups(list, tasks, { services, selected, select, nodeDown }) {
  const groups = groupBy(tasks, (task) => task.serviceId);
  const order = new Set([...services.keys(), ...groups.keys()]);
  const items = [...order].filter((id) => groups.has(id)).map((id) => ({ id, members: groups.get(id) }));
  sync(
    list,
    items,
    // A service may become known only after its first task.
    ({ id }) => (services.has(id) ? id : `unknown ${id}`),
    ({ id }) => createGroup(services.get(id), select),
    (element, { id, members }) => {
      const name = services.get(id)?.name ?? '';
      element.classList.toggle('dim', selected !== '' && selected !== name);
      setText(parts(element).count, members.length > 1 ? `${members.length} tasks` : '');
      updateTasks(parts(element).tasks, members, { service: services.get(id), nodeDown });
    },
  );
}

function createGroup(service, select) {
  const name = service ? shortName(service) : 'removed service';
  const pick = make('button', { type: 'button', class: 'pick', title: service?.name ?? name, tabindex: '-1' }, name);
  if (service) pick.addEventListener('click', () => select(service.name));
  const element = make(
    'li',
    { class: 'group', 'data-hue': service ? hue(service.name) : 'none' },
    make('h4', {}, pick, make('span', { class: 'quiet', 'data-part': 'count' })),
    make('ul', { class: 'tasks', 'data-part': 'tasks' }),
  );
  parts(element);
  return element;
}
