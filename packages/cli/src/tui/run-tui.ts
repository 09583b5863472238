import { randomUUID } from "node:crypto";
import { TuiController } from "./controller.ts";
import type { TuiHost } from "./tui-host.ts";

export interface TuiStreams {
  /** A terminal: keys are read in raw mode. */
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

/**
 * Runs the interactive terminal until the person leaves, or the terminal is gone. A running turn is stopped and over
 * when this resolves, and the terminal is as it was. Resolves with the exit code: 0.
 */
export async function runTui(host: TuiHost, { stdin, stdout }: TuiStreams): Promise<number> {
  const { openScreen } = await importForProduction(() => import("./screen.tsx"));
  const left = Promise.withResolvers<void>();
  await using controller = new TuiController({
    host,
    now: () => Date.now(),
    id: () => randomUUID(),
    onExit: () => left.resolve(),
  });
  const screen = openScreen(controller, { stdin, stdout });
  stdin.once("end", left.resolve);
  stdin.once("close", left.resolve);
  try {
    await left.promise;
  } finally {
    stdin.removeListener("end", left.resolve);
    stdin.removeListener("close", left.resolve);
    screen.rerender(null); // takes away the prompt and the status; what was printed stays
    await screen.waitUntilRenderFlush();
    screen.unmount();
    await screen.waitUntilExit();
    stdin.pause();
  }
  return 0;
}

/**
 * React reads NODE_ENV once, while it is loaded; its development half is slower, and keeps a record of every render for
 * as long as the process lives. The variable is put back, since commands of the user may inherit it.
 */
async function importForProduction<Module>(load: () => Promise<Module>): Promise<Module> {
  const before = process.env["NODE_ENV"];
  process.env["NODE_ENV"] = "production";
  try {
    return await load();
  } finally {
    if (before === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = before;
  }
}
