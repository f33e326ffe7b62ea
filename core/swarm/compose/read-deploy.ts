import { parseConstraint } from '../constraints';
import { compact, type Cursor, present } from './cursor';
import type { DeployModel, ResourceModel, ServiceMode, UpdateModel } from './model';
import {
  DEPLOY_KEYS,
  LIMITS_KEYS,
  PLACEMENT_KEYS,
  RESERVATIONS_KEYS,
  RESOURCES_KEYS,
  RESTART_KEYS,
  UPDATE_KEYS,
} from './support';

const MODES = ['replicated', 'global', 'replicated-job', 'global-job'] as const;

/** The `deploy` section of a service, and the older keys `restart` and `scale` that say the same. */
export function readDeploy(service: Cursor): DeployModel {
  const deploy = service.at('deploy').support(DEPLOY_KEYS);
  const mode = deploy.at('mode').oneOf(MODES) ?? 'replicated';
  return compact<DeployModel>({
    mode,
    replicas: readReplicas(service, mode),
    endpoint_mode: deploy.at('endpoint_mode').oneOf(['vip', 'dnsrr'] as const) ?? 'vip',
    labels: deploy.at('labels').textMap(),
    placement: readPlacement(deploy.at('placement')),
    resources: readResources(deploy.at('resources')),
    update_config: readUpdate(deploy.at('update_config')),
    rollback_config: readUpdate(deploy.at('rollback_config')),
    restart_policy: readRestart(service),
  });
}

function readReplicas(service: Cursor, mode: ServiceMode): number | undefined {
  const [replicas, scale] = [service.at('deploy').at('replicas'), service.at('scale')];
  const given = replicas.present ? replicas : scale;
  if (replicas.present && scale.present) scale.report('deploy.replicas says it too; remove one of the two');
  if (!mode.startsWith('global')) return given.number() ?? 1;
  if (given.present) given.report(`a service of mode ${mode} runs once per node; remove the key`);
  return undefined;
}

function readPlacement(placement: Cursor): DeployModel['placement'] {
  placement.support(PLACEMENT_KEYS);
  for (const constraint of placement.at('constraints').items()) {
    const parsed = parseConstraint(constraint.text() ?? '');
    if ('problem' in parsed) constraint.report(parsed.problem);
  }
  const preferences = placement
    .at('preferences')
    .items()
    .map((preference) => {
      const spread = preference.support({ spread: 'honoured' }).at('spread').text();
      return spread === undefined ? undefined : { spread };
    });
  const most = placement.at('max_replicas_per_node').number();
  return compact({
    constraints: placement.at('constraints').textSet().map(normalConstraint).sort(),
    preferences: present(preferences),
    max_replicas_per_node: most === 0 ? undefined : most,
  });
}

/** One spelling per constraint: blanks around the operator mean nothing. */
function normalConstraint(text: string): string {
  return text.replace(/^\s*(.*?)\s*(==|!=)\s*(.*?)\s*$/, '$1 $2 $3');
}

function readResources(resources: Cursor): DeployModel['resources'] {
  resources.support(RESOURCES_KEYS);
  const limits = resources.at('limits').support(LIMITS_KEYS);
  const reservations = resources.at('reservations').support(RESERVATIONS_KEYS);
  const generic = present(reservations.at('generic_resources').items().map(readGeneric));
  return {
    limits: compact<ResourceModel>({ ...readAmounts(limits), pids: limits.at('pids').number() }),
    reservations: compact<ResourceModel>({
      ...readAmounts(reservations),
      generic_resources: generic.length > 0 ? generic : undefined,
    }),
  };
}

function readAmounts(section: Cursor): ResourceModel {
  const cpus = section.at('cpus').number({ whole: false });
  return { cpus: cpus === undefined ? undefined : String(cpus), memory: section.at('memory').bytes() };
}

function readGeneric(resource: Cursor): { kind: string; value: number } | undefined {
  const spec = resource.support({ discrete_resource_spec: 'honoured' }).at('discrete_resource_spec');
  spec.support({ kind: 'honoured', value: 'honoured' });
  const [kind, value] = [spec.at('kind').text(), spec.at('value').number()];
  return kind === undefined || value === undefined ? undefined : { kind, value };
}

function readUpdate(update: Cursor): UpdateModel | undefined {
  if (!update.present) return undefined;
  update.support(UPDATE_KEYS);
  return compact<UpdateModel>({
    parallelism: update.at('parallelism').number(),
    delay: update.at('delay').duration(),
    failure_action: update.at('failure_action').oneOf(['continue', 'pause', 'rollback'] as const),
    monitor: update.at('monitor').duration(),
    max_failure_ratio: update.at('max_failure_ratio').number({ most: 1, whole: false }),
    order: update.at('order').oneOf(['start-first', 'stop-first'] as const),
  });
}

type RestartModel = NonNullable<DeployModel['restart_policy']>;

/** `restart` has an equal in deploy.restart_policy; docker stack deploy would take its value no for any, so it is translated. */
function readRestart(service: Cursor): RestartModel | undefined {
  const [policy, restart] = [service.at('deploy').at('restart_policy'), service.at('restart')];
  if (policy.present && restart.present) restart.report('deploy.restart_policy says it too; remove restart');
  if (restart.present) return readShortRestart(restart);
  if (!policy.present) return undefined;
  policy.support(RESTART_KEYS);
  return compact<RestartModel>({
    condition: policy.at('condition').oneOf(['none', 'on-failure', 'any'] as const),
    delay: policy.at('delay').duration(),
    max_attempts: policy.at('max_attempts').number(),
    window: policy.at('window').duration(),
  });
}

function readShortRestart(restart: Cursor): RestartModel | undefined {
  const text = restart.value === false ? 'no' : (restart.text() ?? '');
  const [, attempts] = /^on-failure(?::(\d+))?$/.exec(text) ?? [];
  if (attempts !== undefined) return { condition: 'on-failure', max_attempts: Number(attempts) };
  const conditions: Record<string, RestartModel['condition']> = {
    no: 'none',
    always: 'any',
    'unless-stopped': 'any',
    'on-failure': 'on-failure',
  };
  const condition = Object.hasOwn(conditions, text) ? conditions[text] : undefined;
  const known = condition === undefined ? undefined : { condition };
  return restart.checked(known, `${restart.quoted} is not one of no, always, on-failure, on-failure:N, unless-stopped`);
}
