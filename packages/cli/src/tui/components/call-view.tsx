import type { ConnectionRecord, FileChange } from "@koda/core";
import { Box, Text, useAnimation } from "ink";
import { type ReactElement, use } from "react";
import { escapeLine } from "../../render/escape-text.ts";
import { formatDuration, formatElapsed } from "../format.ts";
import { summarise } from "../summarise-output.ts";
import { ThemeContext } from "../theme.ts";
import type { FinishedCall, LiveCall } from "../view-state.ts";

/** A call that runs: its last lines of output, and what it was refused so far. */
export function LiveCallView({ call }: { readonly call: LiveCall }): ReactElement {
  const theme = use(ThemeContext);
  const { frame, time } = useAnimation({ interval: 120 });
  const spinner = spinnerFrames[frame % spinnerFrames.length] ?? " ";
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Box>
        <Box flexShrink={0}>
          <Text {...theme.accent}>{spinner} </Text>
        </Box>
        <Text wrap="truncate-end">
          <Text bold>{escapeLine(call.name)}</Text> {escapeLine(call.subject)}
          {time >= 1_000 && <Text dimColor> {formatElapsed(time)}</Text>}
        </Text>
      </Box>
      <Lines lines={lastLines(call.output, maxLiveLines)} />
      <Refusals refused={call.refused.slice(-maxLiveLines)} />
    </Box>
  );
}

/** A call that is over: outcome, time, a few lines of what it said, files it changed, connections it was refused. */
export function FinishedCallView({ call }: { readonly call: FinishedCall }): ReactElement {
  const theme = use(ThemeContext);
  const isOk = call.outcome === "ok";
  return (
    <Box flexDirection="column" marginTop={1}>
      <Box>
        <Box flexShrink={0}>
          <Text {...(isOk ? theme.good : theme.bad)}>{isOk ? "●" : "✗"} </Text>
        </Box>
        <Text wrap="truncate-end">
          <Text bold>{escapeLine(call.name)}</Text> {escapeLine(call.subject)}
        </Text>
      </Box>
      <Box paddingLeft={2}>
        <Text {...(isOk ? theme.good : theme.bad)}>{call.outcome}</Text>
        <Text dimColor> · {formatDuration(call.durationMs)}</Text>
      </Box>
      <Lines lines={call.changes.length > 0 ? call.changes.map(toChange) : summarise(call)} />
      <Refusals refused={call.refused} />
    </Box>
  );
}

function Lines({ lines }: { readonly lines: readonly string[] }): ReactElement {
  return (
    <Box flexDirection="column" paddingLeft={2}>
      {lines.map((line, index) => (
        <Text key={index} dimColor wrap="truncate-end">
          {escapeLine(line.replaceAll("\t", "    ")) || " "}
        </Text>
      ))}
    </Box>
  );
}

function Refusals({ refused }: { readonly refused: readonly ConnectionRecord[] }): ReactElement {
  const theme = use(ThemeContext);
  return (
    <Box flexDirection="column" paddingLeft={2}>
      {refused.map(({ host, port, reason }, index) => (
        <Text key={index} {...theme.bad} wrap="truncate-end">
          ⊘ refused {escapeLine(host)}:{port} — {escapeLine(reason)}
        </Text>
      ))}
    </Box>
  );
}

function toChange({ kind, path, addedLines, removedLines }: FileChange): string {
  return `${kind} ${path} +${addedLines} −${removedLines}`;
}

function lastLines(text: string, count: number): readonly string[] {
  const trimmed = text.trimEnd();
  return trimmed === "" ? [] : trimmed.split(/\r?\n/).slice(-count);
}

const maxLiveLines = 3;
const spinnerFrames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
