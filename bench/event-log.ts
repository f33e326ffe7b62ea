/** The engine's event log, read while it's being written. */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { type EngineEvent } from '@pulumi/pulumi/automation';

const INTERVAL = 50; // ms: how late an event may be noticed

/** Follows a file of one JSON event per line, which need not exist yet. */
export class EventLog {
  private descriptor?: number;
  private rest = '';
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly file: string,
    private readonly onEvent: (event: EngineEvent) => void,
  ) {
    this.timer = setInterval(() => {
      this.read();
    }, INTERVAL);
  }

  /** Reads what is left and ends. */
  close(): void {
    clearInterval(this.timer);
    this.read();
    if (this.descriptor !== undefined) closeSync(this.descriptor);
  }

  private read(): void {
    if (this.descriptor === undefined) {
      if (!existsSync(this.file)) return;
      this.descriptor = openSync(this.file, 'r');
    }
    const buffer = Buffer.alloc(1 << 20);
    for (;;) {
      const size = readSync(this.descriptor, buffer);
      if (size === 0) return;
      this.take(buffer.toString('latin1', 0, size));
    }
  }

  /** Bytes stay bytes until a line is whole, because a chunk may end within a character. */
  private take(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line) this.onEvent(JSON.parse(Buffer.from(line, 'latin1').toString()) as EngineEvent);
    }
  }
}
