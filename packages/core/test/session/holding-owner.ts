import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { EngineEvent } from "../../src/events/engine-event.ts";
import type { Workbench } from "../fakes/workbench.ts";

/** Another process that has a session open, and runs a turn of it when it is given a prompt. */
export class HoldingOwner implements AsyncDisposable {
  readonly #process: ChildProcessByStdio<null, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(bench: Workbench, prompt?: string) {
    const program = fileURLToPath(new URL("fixtures/holding-owner.ts", import.meta.url));
    const words = [program, bench.projectRoot, bench.databasePath, ...(prompt === undefined ? [] : [prompt])];
    this.#process = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  /** The first line that it prints. */
  async readId(): Promise<string> {
    return await this.#readLine();
  }

  /** The next event of that type. */
  async readEvent(type: EngineEvent["type"]): Promise<EngineEvent> {
    while (true) {
      // It prints what a session of this very source has said.
      const event = JSON.parse(await this.#readLine()) as EngineEvent;
      if (event.type === type) return event;
    }
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #readLine(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("the owner has ended");
    return value;
  }
}
