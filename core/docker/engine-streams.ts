/** Streams of the Engine API: logs and events. */

const HEADER_BYTES = 8;

/**
 * The text of a log answer. Without a terminal the engine packs both outputs into frames: one byte for which, three
 * empty, four for the length. Source: Docker Engine API, ContainerAttach, "Stream format".
 */
export function unpackLog(log: Buffer): string {
  const parts: Buffer[] = [];
  let at = 0;
  while (isFrame(log, at)) {
    const end = at + HEADER_BYTES + log.readUInt32BE(at + 4);
    parts.push(log.subarray(at + HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat([...parts, log.subarray(at)]).toString('utf8');
}

function isFrame(log: Buffer, at: number): boolean {
  return log.length >= at + HEADER_BYTES && (log[at] ?? 3) <= 2 && log.readUIntBE(at + 1, 3) === 0;
}

/** JSON values, one a line, as they arrive. */
export async function* jsonLines<T>(chunks: AsyncIterable<Buffer>): AsyncGenerator<T> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = rest.toString('utf8', 0, end).trim();
      rest = rest.subarray(end + 1);
      if (line) yield JSON.parse(line) as T;
    }
  }
}
