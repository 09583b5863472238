import { type Instance, render } from "ink";
import { App } from "./components/app.tsx";
import type { TuiController } from "./controller.ts";
import { createTheme, ThemeContext } from "./theme.ts";

/** Draws what the controller holds, and gives it the keys. The caller unmounts it. */
export function openScreen(
  controller: TuiController,
  streams: { readonly stdin: NodeJS.ReadStream; readonly stdout: NodeJS.WriteStream },
): Instance {
  return render(
    <ThemeContext value={createTheme(process.env)}>
      <App controller={controller} />
    </ThemeContext>,
    { ...streams, exitOnCtrlC: false, incrementalRendering: true, interactive: true },
  );
}
