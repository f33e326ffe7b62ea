import { checkService } from './check-service';
import { compact, type Cursor, present, sorted } from './cursor';
import type { FileReferenceModel, HealthcheckModel, ServiceModel } from './model';
import { readDeploy } from './read-deploy';
import { readMounts } from './read-mounts';
import { readPorts } from './read-ports';
import { FILE_REFERENCE_KEYS, HEALTHCHECK_KEYS, LOGGING_KEYS, SERVICE_NETWORK_KEYS } from './support';
import { SERVICE_KEYS } from './support-service';
import { splitWords } from './words';

/** The file mode, owner and group docker gives a config or secret where the file says nothing. */
const FILE_DEFAULTS = { mode: 0o444, uid: '0', gid: '0' };

/** One service; undefined when it has no image, which is reported. */
export function readService(service: Cursor): ServiceModel | undefined {
  if (!service.present) {
    service.report('a service is a mapping with an image');
    return undefined;
  }
  service.support(SERVICE_KEYS);
  const model = compact<ServiceModel>({
    image: readImage(service),
    command: readCommand(service.at('command')),
    entrypoint: readCommand(service.at('entrypoint')),
    environment: service.at('environment').textMap(environmentValue),
    labels: service.at('labels').textMap(),
    deploy: readDeploy(service),
    ports: readPorts(service.at('ports')),
    networks: readNetworks(service.at('networks')),
    volumes: readMounts(service),
    configs: readFiles(service.at('configs')),
    secrets: readFiles(service.at('secrets')),
    healthcheck: readHealthcheck(service.at('healthcheck')),
    logging: readLogging(service.at('logging')),
    ...readScalars(service),
    dns: service.at('dns').texts(),
    dns_search: service.at('dns_search').texts(),
    extra_hosts: readHosts(service.at('extra_hosts')),
    cap_add: service.at('cap_add').textSet(),
    cap_drop: service.at('cap_drop').textSet(),
    sysctls: service.at('sysctls').textMap(),
    ulimits: readUlimits(service.at('ulimits')),
  });
  checkService(service, model);
  return model;
}

function readImage(service: Cursor): string {
  const image = service.at('image').text() ?? '';
  if (image !== '') return image;
  const build = service.at('build');
  if (build.present)
    build.report('swarm builds no images: build and push the image beforehand, and name it with image');
  else service.report('image is missing');
  return '';
}

/** `KEY` without a value takes it from the variables: nothing else of the machine that deploys reaches a service. */
function environmentValue(key: string, at: Cursor): string | undefined {
  const { variables } = at.source;
  const value = Object.hasOwn(variables, key) ? variables[key] : undefined;
  return at.checked(
    value,
    `${at.source.writtenAt(at.path) ?? key} has no value; write one, or give a variable of that name`,
  );
}

function readCommand(command: Cursor): string[] | undefined {
  if (!command.present) return undefined;
  if (Array.isArray(command.value)) return command.texts();
  return command.checked(splitWords(command.text() ?? ''), 'a quote is left open');
}

function readScalars(service: Cursor): Partial<ServiceModel> {
  return {
    hostname: service.at('hostname').text(),
    user: service.at('user').text(),
    working_dir: service.at('working_dir').text(),
    stop_grace_period: service.at('stop_grace_period').duration(),
    stop_signal: service.at('stop_signal').text(),
    init: service.at('init').flag(),
    read_only: service.at('read_only').flag(),
    tty: service.at('tty').flag(),
    stdin_open: service.at('stdin_open').flag(),
  };
}

/** The networks of a service; without any it is on the stack's default network, as in the Compose specification. */
function readNetworks(networks: Cursor): ServiceModel['networks'] {
  if (!networks.present) return { default: { aliases: [] } };
  if (Array.isArray(networks.value)) {
    const names = networks.textSet();
    return names.length === 0
      ? { default: { aliases: [] } }
      : Object.fromEntries(names.map((name) => [name, { aliases: [] }]));
  }
  const entries = networks.entries().map(([name, network]) => {
    network.support(SERVICE_NETWORK_KEYS);
    return [name, { aliases: network.at('aliases').textSet() }] as const;
  });
  return entries.length === 0 ? { default: { aliases: [] } } : sorted(Object.fromEntries(entries));
}

function readFiles(files: Cursor): FileReferenceModel[] {
  const references = present(files.items().map(readFile));
  return references.sort((one, other) => (one.source + one.target < other.source + other.target ? -1 : 1));
}

function readFile(file: Cursor): FileReferenceModel | undefined {
  if (typeof file.value !== 'object') {
    const source = file.text();
    return source === undefined ? undefined : { source, target: source, ...FILE_DEFAULTS };
  }
  file.support(FILE_REFERENCE_KEYS);
  const source = file.checked(file.at('source').text(), 'source is missing');
  if (source === undefined) return undefined;
  return {
    source,
    target: file.at('target').text() ?? source,
    uid: file.at('uid').text() ?? FILE_DEFAULTS.uid,
    gid: file.at('gid').text() ?? FILE_DEFAULTS.gid,
    mode: readMode(file.at('mode')) ?? FILE_DEFAULTS.mode,
  };
}

/** A file mode: a number as YAML reads it (0440 is octal), or text in octal digits. */
function readMode(mode: Cursor): number | undefined {
  if (typeof mode.value !== 'string') return mode.number({ most: 0o7777 });
  const octal = /^(?:0o?)?([0-7]{1,4})$/.exec(mode.value)?.[1];
  const value = octal === undefined ? undefined : Number.parseInt(octal, 8);
  return mode.checked(value, `${mode.quoted} is not a file mode such as 0440`);
}

function readHealthcheck(check: Cursor): HealthcheckModel | undefined {
  if (!check.present) return undefined;
  check.support(HEALTHCHECK_KEYS);
  const test = readTest(check.at('test'));
  if (check.at('disable').flag() === true || test?.[0] === 'NONE') {
    if (test !== undefined && test[0] !== 'NONE') check.at('test').report('does not go with disable');
    return { disable: true };
  }
  return compact<HealthcheckModel>({
    test,
    interval: check.at('interval').duration(),
    timeout: check.at('timeout').duration(),
    retries: check.at('retries').number(),
    start_period: check.at('start_period').duration(),
    start_interval: check.at('start_interval').duration(),
  });
}

function readTest(test: Cursor): string[] | undefined {
  if (!test.present) return undefined;
  if (!Array.isArray(test.value)) return ['CMD-SHELL', test.text() ?? ''];
  const words = test.texts();
  const known = ['CMD', 'CMD-SHELL', 'NONE'].includes(words[0] ?? '');
  return test.checked(known ? words : undefined, 'begins with CMD, CMD-SHELL or NONE');
}

function readLogging(logging: Cursor): ServiceModel['logging'] {
  if (!logging.present) return undefined;
  logging.support(LOGGING_KEYS);
  return compact({ driver: logging.at('driver').text(), options: logging.at('options').textMap() });
}

/** `name:address`, sorted, from a list with : or = or from a mapping. */
function readHosts(hosts: Cursor): string[] {
  const pairs = Array.isArray(hosts.value)
    ? hosts.items().map((item) => {
        const pair = /^([^:=]+)[:=](.+)$/.exec(item.text() ?? '')?.slice(1);
        return item.checked(pair, `${item.quoted} is not name:address`);
      })
    : hosts.entries().map(([name, address]) => [name, address.text() ?? '']);
  return present(pairs)
    .map(([name = '', address = '']) => `${name}:${address.replace(/^\[(.*)\]$/, '$1')}`)
    .sort();
}

function readUlimits(ulimits: Cursor): ServiceModel['ulimits'] {
  const entries = ulimits.entries().map(([name, limit]) => {
    if (typeof limit.value !== 'object') {
      const both = limit.number({ least: -1 }) ?? 0;
      return [name, { soft: both, hard: both }] as const;
    }
    limit.support({ soft: 'honoured', hard: 'honoured' });
    const [soft, hard] = [limit.at('soft').number({ least: -1 }), limit.at('hard').number({ least: -1 })];
    if (soft === undefined || hard === undefined) limit.report('takes a number, or soft and hard');
    return [name, { soft: soft ?? 0, hard: hard ?? 0 }] as const;
  });
  return sorted(Object.fromEntries(entries));
}
