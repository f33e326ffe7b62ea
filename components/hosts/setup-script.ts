import common from './scripts/common.sh';
import hostname from './scripts/hostname.sh';
import kernelModules from './scripts/kernel-modules.sh';
import kernelParameters from './scripts/kernel-parameters.sh';

/**
 * The script that prepares a machine's operating system; one for all concerns, as every command over SSH costs seconds.
 * It changes only what isn't as it should be, and may be run again at any time.
 */
export function setupScript(machine: string): string {
  const concerns = [common, hostname, kernelModules, kernelParameters].join('\n');
  // Bash reads a group as a whole before it runs it, so that no command can swallow the rest of the script.
  return `MACHINE=${quote(machine)}\n{\n${concerns}} </dev/null\n`;
}

/** A word that a POSIX shell takes literally. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
