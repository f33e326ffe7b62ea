/** Opens channels on a connection: sessions, in which commands run, and forwards. */
import { type Client, type ClientChannel } from 'ssh2';
import { hangUp, isRefused, SessionRefusedError } from './channel';
import { Slots } from './slots';
import { pause, untilAborted } from './time-limit';

/**
 * sshd allows 10 sessions on one connection unless told otherwise (MaxSessions, sshd_config(5)); two are left to others.
 * Forwards don't count.
 */
const MAX_SESSIONS = 8;
/** Pause before another try where sshd allows fewer, and how many tries there are while none is open at all. */
const REFUSED = { pauseSeconds: 0.2, tries: 5 };

/** What is done with a channel. */
export type Use<T> = (channel: ClientChannel) => T | Promise<T>;

export class Channels {
  private readonly slots = new Slots(MAX_SESSIONS);
  private sessions = 0;

  constructor(private readonly client: Client) {}

  /** Starts a command once fewer than the allowed number are running. */
  async session<T>(commandLine: string, signal: AbortSignal, use: Use<T>): Promise<T> {
    const opened: Use<T> = (channel) => {
      this.sessions++;
      channel.once('close', () => this.sessions--);
      return use(channel);
    };
    for (let refusals = 0; ;) {
      const release = await this.slots.acquire(signal);
      try {
        return await this.open(signal, (callback) => this.client.exec(commandLine, callback), opened, release);
      } catch (error) {
        if (!isRefused(error)) throw error;
        if (this.sessions === 0 && ++refusals >= REFUSED.tries) throw new SessionRefusedError();
        await pause(REFUSED.pauseSeconds, signal);
      }
    }
  }

  unixSocket(path: string, signal?: AbortSignal): Promise<ClientChannel> {
    return this.open(signal, (opened) => this.client.openssh_forwardOutStreamLocal(path, opened), itself);
  }

  tcp(host: string, port: number, signal?: AbortSignal): Promise<ClientChannel> {
    return this.open(signal, (opened) => this.client.forwardOut('127.0.0.1', 0, host, port, opened), itself);
  }

  /**
   * @param use is given the channel before anything else has been read: a short command's exit code may come along with
   * the opening, and is lost when nobody listens
   * @param onClosed called when the channel is no more, also when it never came to be
   */
  private open<T>(
    signal: AbortSignal | undefined,
    request: (opened: (error: Error | undefined, channel: ClientChannel) => void) => void,
    use: Use<T>,
    onClosed: () => void = () => undefined,
  ): Promise<T> {
    const result = new Promise<T>((resolve, reject) => {
      const fail = (error: Error): void => {
        onClosed();
        reject(error);
      };
      try {
        request((error, channel) => {
          if (error) {
            fail(error);
            return;
          }
          channel.once('close', onClosed);
          if (signal?.aborted) hangUp(channel);
          else resolve(use(channel));
        });
      } catch (error) {
        fail(error as Error);
      }
    });
    return untilAborted(signal, result);
  }
}

const itself: Use<ClientChannel> = (channel) => channel;
