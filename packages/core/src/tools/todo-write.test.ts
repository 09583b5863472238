import { expect, test } from "vitest";
import { normalizeTasks, type TaskDraft } from "../tasks/normalize-tasks.ts";
import type { TaskList } from "../tasks/session-tasks.ts";
import { ToolCatalog } from "./catalog.ts";
import { todoWriteTool } from "./todo-write.ts";
import type { ToolContext, ToolResult } from "./tool.ts";

test("the whole list is handed to the session, and the answer shows it as it is kept", async () => {
  const { sets, result } = await write({
    todos: [
      { content: "read the code", status: "done" },
      { content: "change it", status: "inprogress", priority: "high", id: 7 },
      { content: "test it" },
    ],
  });
  expect(sets).toEqual([
    [
      { id: undefined, text: "read the code", status: "done", priority: undefined },
      { id: "7", text: "change it", status: "inprogress", priority: "high" },
      { id: undefined, text: "test it", status: "pending", priority: undefined },
    ],
  ]);
  expect(result).toEqual({
    isError: false,
    text: ["2 of 3 to do:", "[x] 1. read the code", "[>] 7. change it", "[ ] 3. test it"].join("\n"),
  });
});

test("the names that other agents use for the list and its items are understood", async () => {
  const { sets } = await write({ plan: [{ step: "look", state: "completed" }] });
  expect(sets).toMatchObject([[{ text: "look", status: "completed" }]]);
});

test("an empty list clears the checklist", async () => {
  expect((await write({ todos: [] })).result).toEqual({ text: "the checklist is empty", isError: false });
});

test.each([
  [{}],
  [{ todos: "all" }],
  [{ todos: [{ content: " " }] }],
  [{ todos: Array.from({ length: 101 }, () => ({ content: "x" })) }],
])("a list that cannot be kept is refused: %#", (input) => {
  expect(todoWriteTool.inputSchema.safeParse(input).success).toBe(false);
});

test("it changes nothing in the world", () => {
  expect(todoWriteTool.assess({ todos: [] }, { projectRoot: "/" })).toMatchObject({ effect: "read-only", paths: [] });
});

test("a session without a checklist says so to the model", async () => {
  const result = await todoWriteTool.execute({ todos: [] }, noContext);
  expect(result).toMatchObject({ isError: true, text: expect.stringContaining("no checklist") });
});

test("a model is shown the fields of an item, and need not give an id or a priority", () => {
  expect(ToolCatalog.create([todoWriteTool]).definitions()[0]?.inputSchema).toMatchObject({
    required: ["todos"],
    properties: {
      todos: {
        maxItems: 100,
        items: {
          properties: { id: { type: "string" }, content: {}, status: {}, priority: {} },
          required: ["content", "status"],
        },
      },
    },
  });
});

/** It uses nothing of the context but the list. */
const noContext = {} as unknown as ToolContext;

async function write(
  input: unknown,
): Promise<{ readonly sets: readonly (readonly TaskDraft[])[]; readonly result: ToolResult }> {
  const sets: (readonly TaskDraft[])[] = [];
  const tasks: TaskList = {
    get: () => [],
    set(drafts) {
      sets.push(drafts);
      return normalizeTasks(drafts);
    },
  };
  const context: ToolContext & { readonly tasks: TaskList } = { ...noContext, tasks };
  return { result: await todoWriteTool.execute(todoWriteTool.inputSchema.parse(input), context), sets };
}
