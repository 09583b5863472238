import { expect, test } from "vitest";
import { createRemoteControl } from "../../src/attach/remote-control.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";
import { FakeOwner } from "./fake-owner.ts";

function setUp() {
  const store = createMemoryStore();
  const owner = new FakeOwner(store);
  let ids = 0;
  const control = createRemoteControl(store, { by: "another terminal", now: () => 5, id: () => `id-${++ids}` });
  return { store, owner, send: control.send };
}

test.each([
  { type: "approve", requestId: "r", scope: "once" },
  { type: "reject", requestId: "r", feedback: "not that" },
  { type: "grant-steps", requestId: "r", steps: 50 },
  { type: "complete-task", taskId: "r", text: "done", isError: false },
] as const)("$type answers what is waited for; the first answer wins", (command) => {
  const { store, owner, send } = setUp();
  expect(send("session-1", command)).toBe(false);
  owner.ask("r");
  expect(send("session-1", command)).toBe(true);
  expect(send("session-1", { type: "reject", requestId: "r" })).toBe(false);
  const wait = store.readWait("session-1/wait/r");
  expect(JSON.parse(wait?.answerJson ?? "")).toEqual(command);
  expect(wait).toMatchObject({ state: "answered", answeredBy: "another terminal" });
});

test("what is said waits for the owner, once for each id, and can be taken back", () => {
  const { store, send } = setUp();
  expect(send("session-1", { type: "steer", text: "also\ud800", inputId: "mine" })).toBe(true);
  expect(send("session-1", { type: "steer", text: "also\ud800", inputId: "mine" })).toBe(true);
  expect(send("session-1", { type: "steer", text: "later", boundary: "next-turn" })).toBe(true);
  expect(send("session-1", { type: "steer", text: " \n" })).toBe(false);
  expect(store.waitingInputs("session-1")).toMatchObject([
    { id: "mine", text: "also\ufffd", boundary: "this-turn", createdAtMs: 5 },
    { id: "id-1", text: "later", boundary: "next-turn" },
  ]);
  expect(() => send("session-1", { type: "steer", text: "other", inputId: "mine" })).toThrow(
    expect.objectContaining({ code: "store_rejected" }),
  );
  expect(send("session-1", { type: "withdraw", inputId: "mine" })).toBe(true);
  expect(send("session-1", { type: "withdraw", inputId: "mine" })).toBe(false);
});

test.each([{ type: "pause" }, { type: "resume" }, { type: "cancel" }, { type: "set-mode", mode: "plan" }] as const)(
  "$type is for the owner alone",
  (command) => {
    const { send } = setUp();
    expect(send("session-1", command)).toBe(false);
  },
);
