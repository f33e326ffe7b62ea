/** The SSH server of a simulated machine. */
import { once } from 'node:events';
import { type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server as TcpServer, type Socket } from 'node:net';
import { type AuthContext, type Connection as Client, type ParsedKey, Server, type ServerChannel } from 'ssh2';
import { type KeyPair } from '../../unit/ssh/server';
import { type Faults } from './faults';
import { type SimulatedMachine } from './machine';
import { isDialStdio, scriptOf, withoutSudo } from './shell';

export class MachineSshServer {
  /** TCP connections so far. */
  accepted = 0;
  private readonly listener: TcpServer = createServer((socket) => {
    this.accept(socket);
  });
  private readonly protocol: Server;

  constructor(
    private readonly machine: SimulatedMachine,
    private readonly engine: HttpServer,
    private readonly faults: Faults,
    readonly hostKey: KeyPair,
    private readonly allowed: ParsedKey,
  ) {
    this.protocol = new Server({ hostKeys: [hostKey.private] }, (client) => {
      this.serve(client);
    });
  }

  /** @param host a loopback address @returns the port */
  async start(host: string): Promise<number> {
    this.listener.listen(0, host);
    await once(this.listener, 'listening');
    return (this.listener.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.machine.dropConnections();
    this.listener.close();
    await once(this.listener, 'close');
  }

  private accept(socket: Socket): void {
    this.accepted++;
    const { connections, power } = this.machine;
    connections.add(socket.setNoDelay());
    socket.once('close', () => connections.delete(socket)).on('error', () => undefined);
    if (power === 'off') socket.destroy();
    else if (power === 'on') this.protocol.injectSocket(socket);
  }

  private serve(client: Client): void {
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      this.authenticate(context);
    });
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        this.run(acceptExec(), withoutSudo(command));
      });
    });
    client.on('openssh.streamlocal', (accept, reject) => {
      if (this.machine.installed === undefined) reject();
      else
        this.engine.emit(
          'connection',
          accept().on('error', () => undefined),
        );
    });
  }

  private authenticate(context: AuthContext): void {
    const matches = context.method === 'publickey' && context.key.data.equals(this.allowed.getPublicSSH());
    const proven = matches && (!context.signature || this.verifies(context.blob, context.signature));
    if (proven) context.accept();
    else context.reject(['publickey']);
  }

  private verifies(blob: Buffer | undefined, signature: Buffer): boolean {
    // ssh2 says true, false or an error.
    return (this.allowed.verify(blob ?? '', signature) as unknown) === true;
  }

  private run(channel: ServerChannel, command: string): void {
    channel.on('error', () => undefined);
    if (isDialStdio(command)) {
      channel.once('close', () => {
        channel.exit(0);
      });
      this.engine.emit('connection', channel);
      return;
    }
    const chunks: Buffer[] = [];
    channel.on('data', (chunk: Buffer) => chunks.push(chunk));
    channel.once('end', () => {
      void this.answer(channel, command, Buffer.concat(chunks).toString());
    });
  }

  private async answer(channel: ServerChannel, command: string, stdin: string): Promise<void> {
    const script = scriptOf(command, stdin);
    if (script) {
      await this.faults.before(this.machine, `exec ${script.name}`);
      channel.write(script.run(this.machine, stdin, command));
      await this.faults.after(this.machine, `exec ${script.name}`);
    } else {
      channel.stderr.write(`a simulated machine does not know this command: ${command.slice(0, 200)}\n`);
    }
    channel.exit(script ? 0 : 127);
    channel.end();
  }
}
