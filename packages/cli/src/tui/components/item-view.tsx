import { Box, Text } from "ink";
import { type ReactElement, use } from "react";
import { escapeLine, escapeText } from "../../render/escape-text.ts";
import { type Theme, ThemeContext, type Tone } from "../theme.ts";
import type { Item, NoteLevel } from "../view-state.ts";
import { FinishedCallView } from "./call-view.tsx";
import { QuestionText } from "./question-view.tsx";

/** One finished thing, printed for good. */
export function ItemView({ item }: { readonly item: Item }): ReactElement {
  const theme = use(ThemeContext);
  switch (item.kind) {
    case "banner":
      return (
        <Box flexDirection="column" marginBottom={1}>
          <Text>
            <Text bold {...theme.accent}>
              Koda
            </Text>{" "}
            in {escapeLine(item.session.projectRoot)}
          </Text>
          <Text dimColor>/help for commands and keys · session {escapeLine(item.session.id)}</Text>
        </Box>
      );
    case "prompt":
      return (
        <Box marginTop={1}>
          <Box flexShrink={0}>
            <Text {...theme.accent}>{"› "}</Text>
          </Box>
          <Text bold>{escapeText(item.text)}</Text>
        </Box>
      );
    case "answer":
      return (
        <Box marginTop={item.isFirst ? 1 : 0}>
          <Text>{escapeText(item.text) || " "}</Text>
        </Box>
      );
    case "call":
      return <FinishedCallView call={item.call} />;
    case "past-call":
      return (
        <Text dimColor wrap="truncate-end">
          {item.outcome === "ok" ? "●" : "✗"} {escapeLine(item.name)} {item.outcome} {escapeLine(item.detail)}
        </Text>
      );
    case "question":
      return (
        <Box flexDirection="column" marginTop={1}>
          <QuestionText question={item.question} />
        </Box>
      );
    case "note":
      return (
        <Box marginTop={1}>
          <Text {...noteTone(item.level, theme)}>{escapeText(item.text)}</Text>
        </Box>
      );
    case "turn-end":
      return (
        <Box marginTop={1}>
          <Text dimColor>{item.text}</Text>
        </Box>
      );
    default:
      return item satisfies never;
  }
}

function noteTone(level: NoteLevel, theme: Theme): Tone {
  return { info: {}, warning: theme.caution, error: theme.bad }[level];
}
