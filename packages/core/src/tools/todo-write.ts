import { z } from "zod";
import type { TaskItem, TaskStatus } from "../store/task-store.ts";
import { maxTasks, type TaskDraft } from "../tasks/normalize-tasks.ts";
import { countActiveTasks, type TaskList } from "../tasks/session-tasks.ts";
import { normalizeInput } from "./normalize-input.ts";
import type { Tool, ToolContext, ToolResult } from "./tool.ts";
import { failed } from "./tool-failure.ts";

interface TodoWriteInput {
  readonly todos: readonly TodoInput[];
}

interface TodoInput {
  readonly id?: string | undefined;
  readonly content: string;
  readonly status: string;
  readonly priority?: string | undefined;
}

const todoInput: z.ZodType<TodoInput> = normalizeInput(
  z.object({
    // Models number their items too.
    id: z
      .preprocess((id) => (typeof id === "number" ? String(id) : id), z.string().optional())
      .describe("Keeps an item the same item from one list to the next"),
    content: z.string().trim().min(1).describe("What is to be done, in a few words"),
    // Words are read leniently, so any string is taken; the description names those that are kept.
    status: z.string().default("pending").describe("pending, in-progress, completed or cancelled"),
    priority: z.string().optional().describe("high, medium (the default) or low"),
  }),
  { text: "content", task: "content", title: "content", step: "content", description: "content", state: "status" },
);

/** TodoWrite: the checklist of the session, replaced as a whole. It touches no file and runs nothing. */
export const todoWriteTool: Tool<TodoWriteInput> = {
  name: "TodoWrite",
  description:
    "Replaces the checklist that the user sees. Use it for work of three steps or more: write all items first, keep one in-progress, mark each completed as soon as it is. Send the whole list every time; an empty one clears it.",
  inputSchema: normalizeInput(
    z.object({ todos: z.array(todoInput).max(maxTasks, `at most ${maxTasks} items`).describe("The whole list") }),
    { tasks: "todos", items: "todos", plan: "todos", list: "todos" },
  ),
  assess: ({ todos }) => ({ effect: "read-only", paths: [], commands: [], subject: toSubject(todos.length) }),
  execute: async (input, context: ToolContext & { readonly tasks?: TaskList | undefined }) => {
    if (context.tasks === undefined) return failed("this session keeps no checklist; go on without one");
    return toResult(context.tasks.set(input.todos.map(toDraft)));
  },
};

function toDraft({ id, content, status, priority }: TodoInput): TaskDraft {
  return { id, text: content, status, priority };
}

function toResult(tasks: readonly TaskItem[]): ToolResult {
  if (tasks.length === 0) return { text: "the checklist is empty", isError: false };
  const lines = tasks.map(({ id, text, status }) => `${marks[status]} ${id}. ${text}`);
  return { text: [`${countActiveTasks(tasks)} of ${tasks.length} to do:`, ...lines].join("\n"), isError: false };
}

function toSubject(count: number): string {
  return count === 1 ? "1 item" : `${count} items`;
}

const marks: Readonly<Record<TaskStatus, string>> = {
  pending: "[ ]",
  "in-progress": "[>]",
  completed: "[x]",
  cancelled: "[-]",
};
