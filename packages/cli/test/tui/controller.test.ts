import type { EngineEvent, TurnOutcome } from "@koda/core";
import { expect, test } from "vitest";
import { TuiController } from "../../src/tui/controller.ts";
import type { ViewState } from "../../src/tui/view-state.ts";
import { type Script, ScriptedHost } from "./scripted-host.ts";

const timing = { totalMs: 1, modelMs: 0, toolMs: 0, waitMs: 0, ownMs: 1 };
const turnEnd = (outcome: TurnOutcome): EngineEvent => ({ type: "turn-end", turnId: "t", outcome, timing });

function open(script: Script, { isContinuing = false }: { readonly isContinuing?: boolean } = {}) {
  const host = new ScriptedHost(script);
  host.isContinuing = isContinuing;
  let exits = 0;
  const controller = new TuiController({ host, now: () => Date.now(), id: () => "i", onExit: () => exits++ });
  const enter = (text: string): void => {
    controller.press({ type: "paste", text });
    controller.press({ type: "enter" });
  };
  const until = (isDone: (state: ViewState) => boolean): Promise<ViewState> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!isDone(controller.getState())) return;
        unsubscribe();
        resolve(controller.getState());
      };
      const unsubscribe = controller.subscribe(look);
      look();
    });
  return { host, controller, enter, until, exits: () => exits };
}

const notes = (state: ViewState): readonly string[] =>
  state.items.flatMap((item) => (item.kind === "note" ? [item.text] : []));
const isIdle = (state: ViewState): boolean => state.turn === null && state.waitingFor === "";

async function* answer(): AsyncIterable<EngineEvent> {
  yield { type: "turn-start", turnId: "t", turnNumber: 1, prompt: "", isContinued: false };
  yield { type: "text-delta", text: "hello" };
  yield turnEnd({ kind: "complete", text: "hello" });
}

async function* untilStopped(_: string, signal: AbortSignal): AsyncIterable<EngineEvent> {
  yield { type: "turn-start", turnId: "t", turnNumber: 1, prompt: "", isContinued: false };
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  yield turnEnd({ kind: "cancelled" });
}

test("a prompt runs a turn to its end", async () => {
  const { host, controller, enter, until } = open({ turn: answer });
  await using _ = controller;
  enter("go");
  const state = await until(isIdle);
  expect(host.prompts).toEqual(["go"]);
  expect(state.items.map(({ kind }) => kind)).toEqual(["banner", "prompt", "answer", "turn-end"]);
  expect(state.connectionsRefused).toBe(2);
});

test("Escape aborts the turn", async () => {
  const { controller, enter, until } = open({ turn: untilStopped });
  await using _ = controller;
  enter("go");
  controller.press({ type: "escape" });
  expect(notes(await until(isIdle))).toEqual([expect.stringMatching(/^Stopped after/)]);
});

test("what the engine throws is shown, and the next prompt is taken", async () => {
  let attempts = 0;
  const { host, controller, enter, until } = open({
    async *turn() {
      attempts += 1;
      if (attempts === 1) throw new Error("session busy");
      yield* answer();
    },
  });
  await using _ = controller;
  enter("one");
  expect(notes(await until(isIdle))).toEqual(["session busy"]);
  enter("two");
  await until(isIdle);
  expect(host.prompts).toEqual(["one", "two"]);
});

test("disposing stops a running turn and waits for its end", async () => {
  let isOver = false;
  const { host, controller, enter } = open({
    async *turn(prompt, signal) {
      yield* untilStopped(prompt, signal);
      isOver = true;
    },
  });
  enter("go");
  await controller[Symbol.asyncDispose]();
  expect(isOver).toBe(true);
  expect(host.listenerCount).toBe(0);
});

test("Shift+Tab reaches the session, and its mode is shown", async () => {
  const { host, controller } = open({ turn: answer });
  await using _ = controller;
  controller.press({ type: "cycle-mode" });
  expect(host.commands).toEqual([{ type: "set-mode", mode: "auto" }]);
  expect(controller.getState().session.mode).toBe("auto");
});

test("a model that is refused is an error to read, and the old one stays", async () => {
  const { controller, enter, until } = open({ turn: answer });
  await using _ = controller;
  enter("/model bad");
  const state = await until(isIdle);
  expect(notes(state)).toEqual(["no such model"]);
  expect(state.session.model).toBe("m1");
  enter("/model m2");
  expect((await until(isIdle)).session.model).toBe("m2");
});

test("a provider that lists no models says how to name one", async () => {
  const { controller, enter, until } = open({ turn: answer, models: () => Promise.reject(new Error("404")) });
  await using _ = controller;
  enter("/model");
  expect(notes(await until(isIdle))[0]).toMatch(/^404\n.*\/model NAME/);
});

test("/sessions lists, and opens the one that is taken", async () => {
  const { host, controller, enter, until } = open({ turn: answer });
  await using _ = controller;
  enter("/sessions");
  expect(controller.getState().picker?.choices.map(({ value }) => value)).toEqual(["s2"]);
  controller.press({ type: "enter" });
  expect((await until(isIdle)).session.id).toBe("s2");
  expect(host.listenerCount).toBe(1);
  enter("/sessions s9");
  expect(notes(await until(isIdle))).toEqual(["no session s9"]);
});

test("leaving is told once", async () => {
  const { controller, enter, exits } = open({ turn: answer });
  await using _ = controller;
  enter("/exit");
  enter("/exit");
  expect(exits()).toBe(1);
});

test("a session that is to go on does so at once, and then with what waits, each under its id", async () => {
  const waiting = [{ id: "w1", text: "and then this" }];
  const { host, controller, until } = open({ turn: answer, unfinished: "fix it", waiting }, { isContinuing: true });
  await using _ = controller;
  await until((state) => isIdle(state) && host.prompts.length === 2);
  expect(host.prompts).toEqual(["(continued)", "w1: and then this"]);
});

test("what was left waits until the person agrees", async () => {
  const { host, controller, enter, until } = open({ turn: answer, unfinished: "fix it" });
  await using _ = controller;
  expect(notes(controller.getState())).toEqual([expect.stringContaining("Interrupted: “fix it”")]);
  expect(host.prompts).toEqual([]);
  enter("");
  await until((state) => isIdle(state) && host.prompts.length === 1);
  expect(host.prompts).toEqual(["(continued)"]);
  expect(host.commands).toEqual([{ type: "resume" }]);
});

test("what was queued and not accepted is run under its id when the turn is over", async () => {
  const { host, controller, enter, until } = open({ turn: answer });
  await using _ = controller;
  enter("go");
  enter("and this");
  await until((state) => isIdle(state) && host.prompts.length === 2);
  expect(host.commands).toEqual([{ type: "steer", text: "and this", inputId: "i-1", boundary: "this-turn" }]);
  expect(host.prompts).toEqual(["go", "i-1: and this"]);
});

test("/rewind puts the prompt that is unsaid into the editor; with none, it says so", async () => {
  const { controller, enter, until } = open({ turn: answer, rewind: () => "do it\nwell" });
  await using _ = controller;
  enter("/rewind");
  const state = await until(({ editor }) => editor.text !== "");
  expect(state.editor).toEqual({ text: "do it\nwell", cursor: 10 });
  expect(notes(state)).toEqual([expect.stringContaining("Gone back")]);
  const none = open({ turn: answer });
  await using __ = none.controller;
  none.enter("/rewind");
  expect(notes(await none.until((shown) => notes(shown).length > 0))).toEqual(["Nothing was said yet."]);
});

test("what rewinding throws is told, and nothing is in the editor", async () => {
  const { controller, enter, until } = open({
    turn: answer,
    rewind: () => {
      throw new Error("the disk is full");
    },
  });
  await using _ = controller;
  enter("/rewind");
  const state = await until((shown) => notes(shown).length > 0);
  expect(notes(state)).toEqual(["the disk is full"]);
  expect(state.editor.text).toBe("");
});

test("no prompt is sent while /compact is under way, and why nothing was done is told", async () => {
  const done = Promise.withResolvers<string | null>();
  const { host, controller, enter, until } = open({ turn: answer, compact: () => done.promise });
  await using _ = controller;
  enter("/compact");
  enter("go");
  expect((await until(({ hint }) => hint !== "")).waitingFor).toBe("summarising");
  done.resolve("the conversation is short");
  const state = await until(isIdle);
  expect(host.prompts).toEqual([]);
  expect(notes(state)).toEqual(["Nothing is summarised: the conversation is short."]);
});

test("leaving ends a /compact that takes long", async () => {
  const begun = Promise.withResolvers<void>();
  const { controller, enter } = open({
    turn: answer,
    compact: (signal) => {
      begun.resolve();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  });
  enter("/compact");
  await begun.promise;
  await controller[Symbol.asyncDispose]();
});

test.each(["/rewind", "/compact"])("%s waits for no turn: it says that one runs", async (command) => {
  const { controller, enter, until } = open({
    turn: untilStopped,
    rewind: () => "never",
    compact: async () => "never",
  });
  await using _ = controller;
  enter("go");
  enter(command);
  const state = await until((shown) => notes(shown).length > 0);
  expect(notes(state)).toEqual([expect.stringContaining("A turn is running")]);
});
