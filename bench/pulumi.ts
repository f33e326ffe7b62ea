/** Runs `pulumi` for the benchmark, with a state apart from everybody's. */
import { run } from './process';
import { type Context } from './ways';

export interface PulumiOptions {
  /** Name of the environment. */
  environment: string;
  /** Where its state is kept. */
  stateFolder: string;
  limitSeconds: number;
  onStart?: (pid: number) => void;
}

/** @returns seconds from start to exit */
export async function pulumi({ root, signal }: Context, args: string[], options: PulumiOptions): Promise<number> {
  const { environment, stateFolder, limitSeconds, onStart } = options;
  return run('pulumi', [...args, '--stack', environment, '--non-interactive', '--color', 'never'], {
    ...{ title: `pulumi ${args[0] ?? ''}`, cwd: root, limitSeconds, signal, onStart },
    // On the first SIGINT Pulumi lets what runs end, which cancels the provider's waits.
    ...{ endWith: 'SIGINT', graceSeconds: 20 },
    env: {
      PULUMI_BACKEND_URL: `file://${stateFolder}`,
      PULUMI_CONFIG_PASSPHRASE: 'of the benchmark',
      PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
      // Without it there is no --event-log.
      PULUMI_DEBUG_COMMANDS: 'true',
    },
  });
}
