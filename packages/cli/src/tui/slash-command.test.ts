import { expect, test } from "vitest";
import { parseSlashCommand } from "./slash-command.ts";

test.each([
  ["/help", { kind: "help" }],
  [" /exit ", { kind: "exit" }],
  ["/rewind", { kind: "rewind" }],
  ["/compact", { kind: "compact" }],
  ["/mode", { kind: "mode", mode: null }],
  ["/mode Plan", { kind: "mode", mode: "plan" }],
  ["/model gpt-5.1", { kind: "model", model: "gpt-5.1" }],
  ["/sessions 0199", { kind: "sessions", id: "0199" }],
  ["/mode yolo", { kind: "unknown", hint: 'No mode "yolo". Modes: plan, safe, auto' }],
])("%j is a command", (line, command) => {
  expect(parseSlashCommand(line)).toEqual(command);
});

test.each(["/nope", "/hel", "/mode2", "/"])("%j is no command, and is not sent to the model", (line) => {
  expect(parseSlashCommand(line)?.kind).toBe("unknown");
});

test.each(["fix it", "/etc/hosts is wrong", "a /help b", ""])("%j is a prompt", (line) => {
  expect(parseSlashCommand(line)).toBeNull();
});
