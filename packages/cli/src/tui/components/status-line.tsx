import { Box, Text, useAnimation } from "ink";
import { type ReactElement, use } from "react";
import { escapeLine } from "../../render/escape-text.ts";
import { formatCount, formatElapsed } from "../format.ts";
import { ThemeContext } from "../theme.ts";
import type { TurnView, ViewState } from "../view-state.ts";

/** Model, mode, enforcement, refused connections, how full the context is, tokens and what goes on, on one line; a hint on the next. */
export function StatusLine({ state }: { readonly state: ViewState }): ReactElement {
  const theme = use(ThemeContext);
  const { session, connectionsRefused, contextPercent, tokens, turn } = state;
  const modeTone = { plan: theme.accent, safe: theme.good, auto: theme.caution }[session.mode];
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Box>
        <Text wrap="truncate-end" dimColor>
          {shorten(escapeLine(session.model))} · <Text {...modeTone}>{session.mode}</Text> ·{" "}
          <Text {...(session.enforcement === "kernel" ? {} : theme.bad)}>{session.enforcement}</Text> ·{" "}
          {connectionsRefused} refused · {contextPercent !== null && `${contextPercent}% full · `}
          {formatCount(tokens.input + tokens.output)} tok
        </Text>
        <Box flexShrink={0}>
          <Text dimColor>
            {" · "}
            <Activity turn={turn} waitingFor={state.waitingFor} questions={state.questions.length} />
          </Text>
        </Box>
      </Box>
      <Text {...theme.caution} wrap="truncate-end">
        {state.hint === "" ? " " : state.hint}
      </Text>
    </Box>
  );
}

interface ActivityProps {
  readonly turn: TurnView | null;
  readonly waitingFor: string;
  readonly questions: number;
}

function Activity({ turn, waitingFor, questions }: ActivityProps): ReactElement {
  useAnimation({ interval: 1_000, isActive: turn !== null });
  if (turn === null) return <>{waitingFor === "" ? "ready" : waitingFor}</>;
  const elapsed = formatElapsed(Date.now() - turn.startedAtMs);
  const activity = turn.isStopping ? "stopping" : questions > 0 ? "asking" : "running";
  return (
    <>
      {activity} {elapsed}
    </>
  );
}

const shorten = (model: string): string => (model.length <= maxModel ? model : `${model.slice(0, maxModel - 1)}…`);
const maxModel = 24;
