import { Box, Text } from "ink";
import { type ReactElement, use } from "react";
import { escapeLine } from "../../render/escape-text.ts";
import type { Editor } from "../editor.ts";
import { ThemeContext } from "../theme.ts";

/** The prompt with its cursor; of a long one, the lines around the cursor. */
export function EditorView({ editor }: { readonly editor: Editor }): ReactElement {
  const theme = use(ThemeContext);
  const before = editor.text.slice(0, editor.cursor).split("\n");
  const row = before.length - 1;
  const column = before.at(-1)?.length ?? 0;
  const lines = editor.text.split("\n");
  const start = Math.max(0, Math.min(row - Math.floor(maxRows / 2), lines.length - maxRows));
  const shown = lines.slice(start, start + maxRows);
  const hidden = lines.length - shown.length;
  return (
    <Box marginTop={1} flexShrink={0} flexDirection="column">
      {shown.map((line, offset) => (
        <Box key={offset}>
          <Box flexShrink={0}>
            <Text {...theme.accent}>{start + offset === 0 ? "› " : "  "}</Text>
          </Box>
          {start + offset === row ? (
            <CursorLine line={line} column={column} />
          ) : (
            <Text wrap="truncate-end">{showLine(line)}</Text>
          )}
        </Box>
      ))}
      {hidden > 0 && <Text dimColor>{`  … ${hidden} more lines`}</Text>}
    </Box>
  );
}

function CursorLine({ line, column }: { readonly line: string; readonly column: number }): ReactElement {
  const [first] = new Intl.Segmenter().segment(line.slice(column));
  const under = first?.segment ?? " ";
  return (
    <Text>
      {showLine(line.slice(Math.max(0, column - maxBefore), column))}
      <Text inverse>{showLine(under)}</Text>
      {showLine(line.slice(column + under.length, column + maxBefore))}
    </Text>
  );
}

/** What a person typed is shown as typed, blanks included; only what could not be seen is spelled out. */
const showLine = (text: string): string =>
  text
    .split(/( {8,})/)
    .map((part) => (/^ {8,}$/.test(part) ? part : escapeLine(part)))
    .join("");

const maxRows = 6;
/** Of one long line, what is shown on either side of the cursor; a pasted line can be of any length. */
const maxBefore = 400;
