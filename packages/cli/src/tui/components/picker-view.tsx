import { Box, Text } from "ink";
import { type ReactElement, use } from "react";
import { escapeLine } from "../../render/escape-text.ts";
import { ThemeContext } from "../theme.ts";
import type { Picker } from "../view-state.ts";

/** A list with a cursor; of a long one, the part around it. */
export function PickerView({ picker }: { readonly picker: Picker }): ReactElement {
  const theme = use(ThemeContext);
  const { choices, index } = picker;
  const start = Math.max(0, Math.min(index - Math.floor(maxRows / 2), choices.length - maxRows));
  return (
    <Box flexDirection="column" marginTop={1} flexShrink={0}>
      <Text dimColor>
        {picker.purpose === "session" ? "Sessions" : "Models"} · ↑ ↓ choose, Enter takes, Esc leaves · {index + 1} of{" "}
        {choices.length}
      </Text>
      {choices.slice(start, start + maxRows).map(({ value, label }, offset) => {
        const isChosen = start + offset === index;
        return (
          <Text key={value} bold={isChosen} {...(isChosen ? theme.accent : {})} wrap="truncate-end">
            {isChosen ? "❯" : " "} {escapeLine(label)}
          </Text>
        );
      })}
    </Box>
  );
}

const maxRows = 8;
