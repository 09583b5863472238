import { Box, Text, useAnimation } from "ink";
import { type ReactElement, use } from "react";
import { escapeLine, escapeText } from "../../render/escape-text.ts";
import { formatElapsed } from "../format.ts";
import { ThemeContext } from "../theme.ts";
import type { QueuedInput } from "../tui-host.ts";
import type { TurnView } from "../view-state.ts";
import { LiveCallView } from "./call-view.tsx";

export interface TurnLiveProps {
  readonly turn: TurnView;
  readonly queued: readonly QueuedInput[];
  readonly maxRows: number;
}

/** What a running turn shows before it is finished: the end of the line being written, the calls under way, what is queued. */
export function TurnLive({ turn, queued, maxRows }: TurnLiveProps): ReactElement {
  const theme = use(ThemeContext);
  const shownCalls = turn.calls.slice(-maxCalls);
  const hidden = turn.calls.length - shownCalls.length;
  return (
    <Box flexDirection="column" maxHeight={maxRows} overflow="hidden" justifyContent="flex-end" flexShrink={0}>
      {turn.line !== "" && <LiveLine turn={turn} />}
      {turn.line === "" && turn.calls.length === 0 && <Waiting turn={turn} />}
      {turn.calls.length > 0 && (
        <Box flexDirection="column" marginTop={1} flexShrink={0}>
          {hidden > 0 && <Text dimColor>… and {hidden} more calls</Text>}
          {shownCalls.map((call) => (
            <LiveCallView key={call.callId} call={call} />
          ))}
        </Box>
      )}
      {queued.map(({ id, text }) => (
        <Text key={id} {...theme.caution} wrap="truncate-end">
          queued › {escapeLine(text)}
        </Text>
      ))}
    </Box>
  );
}

function LiveLine({ turn }: { readonly turn: TurnView }): ReactElement {
  return (
    <Box
      flexDirection="column"
      flexShrink={0}
      marginTop={turn.hasPrinted ? 0 : 1}
      maxHeight={maxLineRows}
      overflow="hidden"
      justifyContent="flex-end"
    >
      <Box flexShrink={0}>
        <Text>{escapeText(turn.line.slice(-maxLineText).toWellFormed())}</Text>
      </Box>
    </Box>
  );
}

function Waiting({ turn }: { readonly turn: TurnView }): ReactElement {
  const theme = use(ThemeContext);
  const { frame } = useAnimation({ interval: 120 });
  const mark = ["·", "✢", "✳", "✢"][frame % 4] ?? "·";
  const seconds = formatElapsed(Date.now() - turn.startedAtMs);
  const thought = turn.thinking.trimEnd().split("\n").at(-1) ?? "";
  return (
    <Box marginTop={1} flexShrink={0} flexDirection="column">
      <Text wrap="truncate-end">
        <Text {...theme.accent}>{mark}</Text> {toActivity(turn)} <Text dimColor>{seconds} · Esc stops</Text>
      </Text>
      {thought !== "" && (
        <Text dimColor italic wrap="truncate-end">
          {"  "}
          {escapeLine(thought)}
        </Text>
      )}
      {turn.retry !== "" && (
        <Text {...theme.caution} wrap="truncate-end">
          {"  "}
          {escapeLine(turn.retry)}
        </Text>
      )}
    </Box>
  );
}

function toActivity(turn: TurnView): string {
  if (turn.isStopping) return "Stopping";
  return turn.thinking === "" ? "Working" : "Thinking";
}

const maxCalls = 4;
const maxLineRows = 8;
/** More than fits eight rows of 200 columns. */
const maxLineText = 1_600;
