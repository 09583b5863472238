import { expect, test } from "vitest";
import { RunningCommands } from "./running-commands.ts";

test("there is a sole client while all commands are its own, and none when there is another or no command", () => {
  const commands = new RunningCommands();
  expect(commands.soleClient()).toBeNull();
  commands.add(10, "a");
  commands.add(11, "a");
  expect(commands.soleClient()).toBe("a");
  commands.add(12, "b");
  expect(commands.soleClient()).toBeNull();
});

test("one that has just ended counts: its connection may still wait to be read", () => {
  const commands = new RunningCommands();
  const end = commands.add(10, "a");
  commands.add(11, "b");
  end();
  expect(commands.trees()).toEqual([{ pid: 11, clientId: "b" }]);
  expect(commands.soleClient()).toBeNull();
});

test("a command that did not start is not there", () => {
  const commands = new RunningCommands();
  commands.add(undefined, "a")();
  expect([commands.trees(), commands.soleClient()]).toEqual([[], null]);
});
