/** The lab from a test's side: run its commands, log in to its machines, ask their published ports. */
import { execFile } from 'node:child_process';
import * as http from 'node:http';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { readFileSync } from 'node:fs';
import { ConnectionPool, type Connection } from '../../core/ssh/connection';
import { projectRoot } from './plugin';

const cache =
  process.env.SWARM_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'pulumi-swarm');

/** The key that the lab's machines let in. */
export const labKeyFile = path.join(cache, 'lab', 'id_ed25519');

/** What `lab machine up` prints. */
export interface LabMachine {
  name: string;
  address: string;
  forward: string;
  hostKey: string;
}

/** Runs `lab/lab`. @returns what it printed on standard output */
export async function lab(args: string[], environment: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: projectRoot, env: { ...process.env, ...environment } };
    execFile('./lab/lab', args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`lab ${args.join(' ')}: ${stderr}`));
      else resolve(stdout);
    });
  });
}

/** Commands on lab machines, over connections that are kept. */
export class Shell {
  private readonly pool = new ConnectionPool();

  async run(machine: LabMachine, command: string): Promise<string> {
    const connection: Connection = {
      ...{ host: machine.forward, hostKey: machine.hostKey },
      privateKey: readFileSync(labKeyFile, 'utf8'),
    };
    const ssh = await this.pool.get(machine.name, connection);
    return ssh.run(command, command, { timeoutSeconds: 120 });
  }

  async close(): Promise<void> {
    await this.pool.close();
  }
}

/** The body that a URL answers with; a new connection each time, as load is balanced by connection. */
export async function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false, timeout: 10_000 }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${url} answered ${String(response.statusCode)}`));
      });
    });
    request.on('timeout', () => request.destroy(new Error(`${url} did not answer within 10 s`)));
    request.on('error', reject);
  });
}
