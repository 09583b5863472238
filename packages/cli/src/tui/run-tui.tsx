import { render } from "ink";
import { App } from "./components/app.tsx";
import { TuiController } from "./controller.ts";
import { createTheme, ThemeContext } from "./theme.ts";
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
  const left = Promise.withResolvers<void>();
  await using controller = new TuiController({ host, now: () => Date.now(), onExit: () => left.resolve() });
  const screen = render(
    <ThemeContext value={createTheme(process.env)}>
      <App controller={controller} />
    </ThemeContext>,
    { stdin, stdout, exitOnCtrlC: false, incrementalRendering: true, interactive: true },
  );
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
