import { icon, make, parts, setAttribute, setIcon, setText, sync } from './dom.js';
import { imageName, taskWord } from './words.js';

const still = matchMedia('(prefers-reduced-motion: reduce)');

/** From this many tasks of one service on a node, those that run show their slot only. */
const CROWD = 7;

/** One box for each task of a service on a node; opening it shows the details. */
export function updateTasks(list, tasks, context) {
  list.classList.toggle('crowd', tasks.length >= CROWD);
  sync(
    list,
    tasks,
    (task) => task.id,
    createTask,
    (element, task) => updateTask(element, task, context),
  );
}

function createTask() {
  const state = icon('running');
  state.dataset.part = 'icon';
  const element = make(
    'li',
    { class: 'task' },
    make(
      'details',
      {},
      make(
        'summary',
        { 'data-part': 'summary' },
        state,
        make('span', { class: 'slot', 'data-part': 'slot' }),
        make('span', { class: 'word', 'data-part': 'word' }),
        make(
          'span',
          { class: 'quiet tail' },
          make('span', { 'data-part': 'tag' }),
          make('time', { 'data-part': 'age' }),
        ),
        make('span', { class: 'error', 'data-part': 'error' }),
      ),
      make('dl', { 'data-part': 'details' }),
    ),
  );
  parts(element).summary.parentElement.addEventListener('toggle', () => element.drawDetails());
  return element;
}

function updateTask(element, task, { service, nodeDown }) {
  const part = parts(element);
  const outdated = service && service.image.reference !== task.image.reference;
  const before = element.dataset.phase;
  setAttribute(element, 'data-phase', task.phase);
  if (before && before !== task.phase) flash(element);
  setIcon(part.icon, task.phase);
  setText(part.slot, task.slot ? String(task.slot) : '');
  setText(part.word, task.endings > 1 ? `${taskWord(task)} ×${task.endings}` : taskWord(task));
  setText(part.tag, task.image.tag ? `:${task.image.tag}` : '');
  setAttribute(part.age, 'datetime', task.since);
  setAttribute(element, 'data-outdated', outdated && '');
  setText(part.error, task.error ?? '');
  part.error.hidden = !task.error;
  setAttribute(part.summary, 'title', task.error ?? null);
  // Not for closed ones: a large swarm has thousands of tasks.
  element.drawDetails = () => drawDetails(part.details, task, { outdated, service, nodeDown });
  if (part.summary.parentElement.open) element.drawDetails();
}

function drawDetails(list, task, { outdated, service, nodeDown }) {
  const details = [
    ['State', `${task.state}, desired ${task.desired}${nodeDown ? ', node down' : ''}`],
    ['Since', new Date(task.since).toLocaleString()],
    ['Error', task.error],
    ['Message', task.message],
    ['Image', outdated ? `${task.image.reference}, service wants ${imageName(service.image)}` : task.image.reference],
    ['Container', task.containerId],
    ['Task', task.id],
  ];
  sync(
    list,
    details.filter(([, value]) => value),
    ([name]) => name,
    ([name]) => make('div', {}, make('dt', {}, name), make('dd')),
    (row, [, value]) => setText(row.lastElementChild, value),
  );
}

function flash(element) {
  if (still.matches) return;
  element.animate([{ outlineColor: 'currentColor', outlineWidth: '3px' }, { outlineColor: 'transparent' }], {
    duration: 1500,
    easing: 'ease-out',
  });
}
