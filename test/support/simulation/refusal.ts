/** What an engine answers with instead of doing what it is asked. */
export class Refusal extends Error {
  constructor(
    /** HTTP status. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A request that swarmkit turns down: moby wraps its words in those of gRPC. */
export function precondition(words: string): Refusal {
  return new Refusal(400, `rpc error: code = FailedPrecondition desc = ${words}`);
}
