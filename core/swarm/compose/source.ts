/** A place in a compose file: the keys and indices that lead to it. */
export type Path = readonly (string | number)[];

/** Something that keeps a compose file from running as it is written. */
export interface ComposeProblem {
  file: string;
  line: number;
  /** Dotted, such as `services.web.container_name`; empty for the file as a whole. */
  path: string;
  message: string;
}

/** One line: `stacks/home/compose.yaml:12: services.web.container_name: swarm names containers itself; remove the key`. */
export function formatProblem({ file, line, path, message }: ComposeProblem): string {
  return `${file}:${line}: ${path === '' ? '' : `${path}: `}${message}`;
}

/** A compose file while it is read: knows the line of every place and gathers the problems found. */
export class Source {
  private readonly lines = new Map<string, number>();
  private readonly written = new Map<string, string>();
  private readonly spoiled = new Set<string>();
  private readonly found = new Map<string, ComposeProblem>();

  constructor(
    readonly file: string,
    readonly variables: Readonly<Record<string, string>>,
  ) {}

  /** The problems so far, in the order of the file. */
  get problems(): ComposeProblem[] {
    return [...this.found.values()].sort((one, other) => one.line - other.line);
  }

  setLine(path: Path, line: number): void {
    this.lines.set(keyOf(path), line);
  }

  /** Keeps a text as it is written, before its variables were replaced. */
  setWritten(path: Path, text: string): void {
    this.written.set(keyOf(path), text);
  }

  /** What stands in the file, for messages: a variable can hold a secret. Undefined where no variable was replaced. */
  writtenAt(path: Path): string | undefined {
    return this.written.get(keyOf(path));
  }

  /** Reports what is wrong with the text at a place; what follows from it there is not worth telling. */
  spoil(path: Path, messages: readonly string[]): void {
    for (const message of messages) this.report(path, message);
    this.spoiled.add(keyOf(path));
  }

  report(path: Path, message: string, line = this.lineOf(path)): void {
    if (this.spoiled.has(keyOf(path))) return;
    const problem = { file: this.file, line, path: dotted(path), message };
    this.found.set(formatProblem(problem), problem);
  }

  /** The line of a place, or of the nearest place around it. */
  private lineOf(path: Path): number {
    for (let length = path.length; length > 0; length -= 1) {
      const line = this.lines.get(keyOf(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

function dotted(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
