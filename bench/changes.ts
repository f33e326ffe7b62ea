/** What small changes of a running swarm take: a label, a further worker. */
import { type ChangeFigures } from './figures';
import { labelled, withWorker, type LabConfig } from './lab';
import { type BenchEnvironment } from './ways';

const LABELS = ['one', 'two', 'three'];

/** Changes the environment, which has nothing left to do before and is another one after. */
export async function measureChanges(
  environment: BenchEnvironment,
  say: (message: string) => void,
): Promise<ChangeFigures> {
  const label: number[] = [];
  for (const value of LABELS) {
    label.push(await environment.change((config: LabConfig) => labelled(config, value)));
  }
  say(`a label changed: ${label.map((seconds) => seconds.toFixed(1)).join(', ')} s`);
  let installed: number | undefined;
  const begin = performance.now();
  const worker = await environment.change(withWorker, (made) => {
    if (made === 'swarm:index:Engine') installed ??= (performance.now() - begin) / 1000;
  });
  if (installed === undefined) throw new Error('the new worker got no engine');
  say(`a worker added: ${worker.toFixed(1)} s, Docker on it after ${installed.toFixed(1)} s`);
  return { label, worker: { seconds: worker, installedSeconds: installed } };
}
