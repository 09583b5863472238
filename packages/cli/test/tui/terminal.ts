import { setTimeout as sleep } from "node:timers/promises";
import type { Screen, TerminalOptions } from "./screen.ts";
import { openScriptScreen } from "./script-screen.ts";
import { hasTmux, openTmuxScreen } from "./tmux-screen.ts";

/** A person at a terminal: types, and looks until something is there. */
export class Terminal implements AsyncDisposable {
  readonly #screen: Screen;

  private constructor(screen: Screen) {
    this.#screen = screen;
  }

  static async open(options: TerminalOptions): Promise<Terminal> {
    return new Terminal(await ((await hasTmux()) ? openTmuxScreen(options) : openScriptScreen(options)));
  }

  async type(text: string): Promise<void> {
    await this.#screen.send(text);
  }

  async press(key: keyof typeof keys): Promise<void> {
    await this.#screen.send(keys[key]);
  }

  /** Types a line, waits until all of it is there, and sends it. */
  async enter(line: string): Promise<void> {
    await this.type(line);
    await this.see(`› ${line}`);
    await this.press("Enter");
  }

  read(): Promise<string> {
    return this.#screen.read();
  }

  /** The screen once it shows `wanted`; fails with the screen as it is then. */
  async see(wanted: string | RegExp): Promise<string> {
    const signal = AbortSignal.timeout(patienceMs);
    for (;;) {
      const isOver = signal.aborted || (await this.#screen.exitCode()) !== null;
      const text = await this.read();
      if (typeof wanted === "string" ? text.includes(wanted) : wanted.test(text)) return text;
      if (isOver) throw new Error(`never saw ${wanted}. The screen:\n${text}`);
      await sleep(30);
    }
  }

  /** Waits until the program ends. */
  async exitCode(): Promise<number> {
    const signal = AbortSignal.timeout(patienceMs);
    for (;;) {
      const code = await this.#screen.exitCode();
      if (code !== null) return code;
      if (signal.aborted) throw new Error(`the program does not end. The screen:\n${await this.read()}`);
      await sleep(30);
    }
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#screen[Symbol.asyncDispose]();
  }
}

const keys = {
  Enter: "\r",
  Escape: "\u001b",
  ShiftTab: "\u001b[Z",
  CtrlC: "\u0003",
  CtrlD: "\u0004",
  Up: "\u001b[A",
} as const;

/** Only for a program that hangs; a busy machine may need many seconds. */
const patienceMs = 20_000;
