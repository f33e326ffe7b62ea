import { compact, type Cursor, present } from './cursor';
import type { MountModel } from './model';
import { BIND_KEYS, MOUNT_KEYS, TMPFS_KEYS, VOLUME_OPTION_KEYS } from './support';
import { parseBytes } from './units';

const PROPAGATIONS = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'] as const;

/** The mounts of a service from `volumes` and `tmpfs`, in the long form, sorted by target. */
export function readMounts(service: Cursor): MountModel[] {
  const volumes = present(service.at('volumes').items().map(readMount));
  const tmpfs = readTmpfs(service.at('tmpfs'));
  const mounts = [...volumes, ...tmpfs].sort((one, other) => (one.target < other.target ? -1 : 1));
  mounts.forEach((mount, index) => {
    if (mounts[index - 1]?.target === mount.target)
      service.at('volumes').report(`${mount.target} is the target of two mounts`);
  });
  return mounts;
}

function readMount(volume: Cursor): MountModel | undefined {
  const mount = typeof volume.value === 'object' ? readLong(volume) : readShort(volume);
  const problem = mount === undefined ? undefined : mountProblem(mount);
  if (problem === undefined) return mount;
  volume.report(problem);
  return undefined;
}

function mountProblem({ type, source, target }: MountModel): string | undefined {
  if (!target.startsWith('/')) return `target ${target} is not an absolute path`;
  if (type === 'tmpfs' && source !== undefined) return 'a tmpfs mount has no source; remove it';
  if (type !== 'bind') return undefined;
  if (source === undefined) return 'a bind mount needs a source';
  if (source.startsWith('/')) return undefined;
  return (
    `${source} is relative to a directory that nodes do not have; ` +
    'write the absolute path of a directory that is on every node, or use a volume or a config'
  );
}

function readLong(volume: Cursor): MountModel | undefined {
  volume.support(MOUNT_KEYS);
  const type = volume.at('type').oneOf(['bind', 'volume', 'tmpfs'] as const);
  const target = volume.checked(volume.at('target').text(), 'target is missing');
  if (!volume.at('type').present) volume.report('type is missing: bind, volume or tmpfs');
  if (type === undefined || target === undefined) return undefined;
  for (const other of ['bind', 'volume', 'tmpfs']) {
    if (other !== type && volume.at(other).present) volume.at(other).report(`does not go with type ${type}`);
  }
  const propagation = volume.at('bind').support(BIND_KEYS).at('propagation').oneOf(PROPAGATIONS);
  const nocopy = volume.at('volume').support(VOLUME_OPTION_KEYS).at('nocopy').flag();
  const size = volume.at('tmpfs').support(TMPFS_KEYS).at('size').bytes();
  return compact<MountModel>({
    type,
    source: volume.at('source').text(),
    target: trimTarget(target),
    read_only: volume.at('read_only').flag() ?? false,
    bind: propagation === undefined ? undefined : { propagation },
    volume: nocopy === true ? { nocopy } : undefined,
    tmpfs: size === undefined ? undefined : { size },
  });
}

/** `[source:]target[:options]`. A source that is no path names a volume. */
function readShort(volume: Cursor): MountModel | undefined {
  const parts = (volume.text() ?? '').split(':');
  if (parts.some((part) => part === '') || parts.length > 3) {
    volume.report('is not a mount such as data:/var/lib/data:ro');
    return undefined;
  }
  const [first = '', target, options = ''] = parts;
  if (target === undefined) return { type: 'volume', target: trimTarget(first), read_only: false };
  const type = /^[./~]/.test(first) ? ('bind' as const) : ('volume' as const);
  const mount: MountModel = { type, source: first, target: trimTarget(target), read_only: false };
  for (const option of options === '' ? [] : options.split(',')) applyOption(volume, mount, option);
  return mount;
}

function applyOption(volume: Cursor, mount: MountModel, option: string): void {
  const propagation = PROPAGATIONS.find((candidate) => candidate === option);
  if (option === 'ro' || option === 'rw') mount.read_only = option === 'ro';
  else if (option === 'nocopy' && mount.type === 'volume') mount.volume = { nocopy: true };
  else if (propagation && mount.type === 'bind') mount.bind = { propagation };
  else if (option === 'z' || option === 'Z') volume.report('swarm relabels nothing for SELinux; remove the option z');
  else volume.report(`unknown option ${option}; ro, rw, nocopy (volumes) and propagation (binds) are known`);
}

/** The service key `tmpfs` is not read by docker stack deploy, so it becomes mounts: `path` or `path:size=64m`. */
function readTmpfs(tmpfs: Cursor): MountModel[] {
  return tmpfs.texts().flatMap((text) => {
    const [target = '', options = ''] = text.split(':');
    const size = /^size=(.+)$/.exec(options)?.[1];
    const bytes = size === undefined ? undefined : parseBytes(size);
    if (!target.startsWith('/') || (options !== '' && bytes === undefined)) {
      tmpfs.report(`${JSON.stringify(text)} is not an absolute path, or has options other than size`);
      return [];
    }
    return [
      compact<MountModel>({
        type: 'tmpfs',
        target: trimTarget(target),
        read_only: false,
        tmpfs: bytes === undefined ? undefined : { size: bytes },
      }),
    ];
  });
}

function trimTarget(target: string): string {
  return target.length > 1 ? target.replace(/\/+$/, '') || '/' : target;
}
