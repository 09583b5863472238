import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Job, LoadMessage, LoadResult } from "./job.ts";

/** The load generator as the bench holds it: a pair of pipes to `load/main.ts`, wherever that runs. */
export class LoadGenerator {
  readonly #input: Writable;
  readonly #messages: AsyncIterator<string>;
  readonly #complaint: () => string;

  /** `complaint` tells what it said on stderr. */
  constructor(pipes: { readonly input: Writable; readonly output: Readable; readonly complaint: () => string }) {
    this.#input = pipes.input;
    this.#complaint = pipes.complaint;
    this.#input.on("error", () => undefined); // it ended: the next line that does not come tells
    this.#messages = createInterface({ input: pipes.output })[Symbol.asyncIterator]();
  }

  /** Calls back at the two ends of the window. Rejects when the load could not run. */
  async run(job: Job, onEdge: (edge: "begin" | "end") => Promise<void> | void): Promise<LoadResult> {
    this.#input.write(`${JSON.stringify(job)}\n`);
    for (;;) {
      const next = await this.#messages.next();
      if (next.done === true) throw new Error(`the load generator ended: ${this.#complaint()}`);
      const message = JSON.parse(next.value) as LoadMessage; // written by load/main.ts
      if (message.kind === "failed") throw new Error(message.message);
      if (message.kind === "result") return message.result;
      await onEdge(message.kind);
    }
  }
}
