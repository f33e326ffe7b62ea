/** What a lab leaves on the computer while it is up: processes and mounts. */
import { readdirSync, readFileSync } from 'node:fs';

/**
 * What runs of the lab in this folder, such as `machines/m1/kernel`, each with the number of its session: another once
 * restarted.
 */
export function labProcesses(folder: string): string[] {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((number) => {
      try {
        const environment = readFileSync(`/proc/${number}/environ`, 'utf8').split('\0');
        const mark = environment.find((entry) => entry.startsWith(`LAB_PROCESS=${folder}/`));
        const session = readFileSync(`/proc/${number}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')[3];
        return mark === undefined ? [] : [`${mark.replace(`LAB_PROCESS=${folder}/`, '')} ${session}`];
      } catch {
        return []; // it has ended since
      }
    });
  return [...new Set(found)].sort();
}

/** Mounts of the lab of this name, and the one of `ip netns` once no namespace needs it. */
export function labMounts(name: string): string[] {
  const places = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return places.filter((place) => place.includes(name) || (place === '/run/netns' && readdirSync(place).length === 0));
}
