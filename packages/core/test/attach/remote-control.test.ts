import { expect, test } from "vitest";
import { createRemoteControl } from "../../src/attach/remote-control.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";
import { FakeOwner } from "./fake-owner.ts";

const redact = (text: string) => text.replaceAll("hunter2", "[secret: it]");

function setUp() {
  const store = createMemoryStore();
  const owner = new FakeOwner(store);
  let ids = 0;
  const control = createRemoteControl(store, { by: "another terminal", now: () => 5, id: () => `id-${++ids}`, redact });

  return { store, owner, send: control.send };
}

test.each([
  [{ type: "approve", requestId: "r", scope: "once" }, "approval"],
  [{ type: "reject", requestId: "r", feedback: "not that" }, "approval"],
  [{ type: "grant-steps", requestId: "r", steps: 50 }, "steps"],
  [{ type: "complete-task", taskId: "r", text: "done", isError: false }, "external"],
] as const)(
  "$0.type answers what is waited for, and nothing of another kind; the first answer wins",
  (command, kind) => {
    const { store, owner, send } = setUp();
    expect(send("session-1", command)).toBe(false);
    owner.ask("r", "question");
    expect(send("session-1", command)).toBe(false);
    owner.ask("q", kind);
    const answer = "taskId" in command ? { ...command, taskId: "q" } : { ...command, requestId: "q" };
    expect(send("session-1", answer)).toBe(true);
    expect(send("session-1", { type: "reject", requestId: "q" })).toBe(false);
    const wait = store.readWait("session-1/wait/q");
    expect(JSON.parse(wait?.answerJson ?? "")).toEqual(answer);
    expect(wait).toMatchObject({ state: "answered", answeredBy: "another terminal" });
  },
);

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

test.each([
  [{ type: "reject", requestId: "q", feedback: "hunter2" }, "approval"],
  [{ type: "complete-task", taskId: "q", text: "hunter2", isError: false }, "external"],
] as const)("a secret in an answer is not kept: $0.type", (command, kind) => {
  const { store, owner, send } = setUp();
  owner.ask("q", kind);
  expect(send("session-1", command)).toBe(true);
  expect(store.readWait("session-1/wait/q")?.answerJson).toBe(
    JSON.stringify(command).replace("hunter2", "[secret: it]"),
  );
});

test("a secret in what is said is not kept", () => {
  const { store, send } = setUp();
  expect(send("session-1", { type: "steer", text: "it is hunter2" })).toBe(true);
  expect(store.waitingInputs("session-1")).toMatchObject([{ text: "it is [secret: it]" }]);
});
