/** What a remote command prints: kept in part, and handed on line by line. */
import { StringDecoder } from 'node:string_decoder';

/** A line longer than this is handed on in pieces, so that output without line ends can't fill the memory. */
const LONGEST_LINE = 64 * 1024;

/** Keeps the last bytes of a stream, and calls back for every whole line. */
export class Output {
  private readonly decoder = new StringDecoder('utf8');
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private line = '';

  /** @param limit how many bytes to keep at least; about as many again may be held for a while */
  constructor(
    private readonly limit: number,
    private readonly onLine?: (line: string) => void,
  ) {}

  write(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    for (let first = this.chunks[0]; first && this.bytes - first.length >= this.limit; first = this.chunks[0]) {
      this.bytes -= first.length;
      this.chunks.shift();
    }
    if (this.onLine) this.splitLines(this.decoder.write(chunk));
  }

  /** The stream has ended: hands on a last line that has no line end. */
  end(): void {
    if (this.onLine) this.splitLines(this.decoder.end());
    if (this.line) this.onLine?.(this.line);
    this.line = '';
  }

  /** The last `limit` bytes, as text. */
  text(): string {
    const all = Buffer.concat(this.chunks);
    return all.subarray(Math.max(0, all.length - this.limit)).toString('utf8');
  }

  private splitLines(text: string): void {
    const lines = (this.line + text).split('\n');
    this.line = lines.pop() ?? '';
    for (const line of lines) this.onLine?.(line.replace(/\r$/, ''));
    if (this.line.length > LONGEST_LINE) {
      this.onLine?.(this.line);
      this.line = '';
    }
  }
}
