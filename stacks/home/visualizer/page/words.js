/** The phases of a task, as state.go gives them, in the order of the legend. */
export const PHASES = {
  running: 'running',
  starting: 'starting',
  pending: 'waiting for a node',
  stopping: 'stopping',
  failed: 'failed',
  complete: 'complete',
  lost: 'node down',
};

/** The word on a task: swarm's own where it says more than the phase. */
export function taskWord(task) {
  if (task.phase === 'starting' || task.phase === 'failed') return task.state;
  if (task.phase === 'pending') return 'pending';
  if (task.phase === 'complete') return task.desired === 'complete' ? 'complete' : 'ended';
  return PHASES[task.phase];
}

/** A duration in the largest unit that fits: "5s", "3m", "2h", "9d". */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
}

/** Memory in the units of the engine, which count by 1024: "768 MiB", "7.6 GiB". */
export function memory(bytes) {
  const mebibytes = bytes / 2 ** 20;
  if (mebibytes < 1000) return `${Math.round(mebibytes)} MiB`;
  const gibibytes = mebibytes / 1024;
  return `${gibibytes < 10 ? gibibytes.toFixed(1) : Math.round(gibibytes)} GiB`;
}

/** A service's name without the prefix that its stack gave it. */
export function shortName(service) {
  const prefix = `${service.stack}_`;
  return service.stack && service.name.startsWith(prefix) ? service.name.slice(prefix.length) : service.name;
}

/** "httpd:1", or "httpd" when the image is named by digest alone. */
export function imageName(image) {
  return image.tag ? `${image.name}:${image.tag}` : image.name;
}

/** A number from 0 to 7 that gives a service the same colour on every screen and after every reload. */
export function hue(name) {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + character.codePointAt(0)) >>> 0;
  return sum % 8;
}
