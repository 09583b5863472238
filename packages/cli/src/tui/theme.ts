import { type Context, createContext } from "react";

/** Colours by what they say, as properties of Ink's `Text`; none leaves the terminal's own. */
export interface Theme {
  readonly accent: Tone;
  readonly good: Tone;
  readonly bad: Tone;
  readonly caution: Tone;
}

export interface Tone {
  readonly color?: string;
}

/** No colour where NO_COLOR is set to anything (no-color.org). */
export function createTheme(environment: Readonly<Record<string, string | undefined>>): Theme {
  if (environment["NO_COLOR"]) return { accent: {}, good: {}, bad: {}, caution: {} };
  return { accent: { color: "cyan" }, good: { color: "green" }, bad: { color: "red" }, caution: { color: "yellow" } };
}

export const ThemeContext: Context<Theme> = createContext<Theme>(createTheme({ NO_COLOR: "1" }));
