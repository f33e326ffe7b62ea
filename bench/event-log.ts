/** The engine's event log, read while it's being written. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type EngineEvent } from '@pulumi/pulumi/automation';

const INTERVAL = 50; // ms: how late an event may be noticed
const CHUNK = 1 << 20;

/** Follows a file of one JSON event per line. `pulumi up` empties it between its preview and its update. */
export class EventLog {
  private readonly descriptor: number;
  private readonly timer: NodeJS.Timeout;
  private readonly buffer = Buffer.alloc(CHUNK);
  private position = 0;
  private rest = '';

  /** Makes the file. */
  constructor(
    file: string,
    private readonly onEvent: (event: EngineEvent) => void,
  ) {
    this.descriptor = openSync(file, 'w+');
    this.timer = setInterval(() => {
      this.read();
    }, INTERVAL);
  }

  /** Reads what is left and ends. */
  close(): void {
    clearInterval(this.timer);
    this.read();
    closeSync(this.descriptor);
  }

  private read(): void {
    if (fstatSync(this.descriptor).size < this.position) {
      this.position = 0;
      this.rest = '';
    }
    for (;;) {
      const size = readSync(this.descriptor, this.buffer, 0, CHUNK, this.position);
      if (size === 0) return;
      this.position += size;
      this.take(this.buffer.toString('latin1', 0, size));
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
