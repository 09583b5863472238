import { bashTool } from "./bash.ts";
import { deleteTool } from "./delete.ts";
import { editTool } from "./edit.ts";
import { globTool } from "./glob.ts";
import { grepTool } from "./grep.ts";
import { listTool } from "./list.ts";
import { readTool } from "./read.ts";
import { todoWriteTool } from "./todo-write.ts";
import type { Tool } from "./tool.ts";
import { writeTool } from "./write.ts";

/** The tools that every agent has: Read, Write, Edit, Delete, List, Glob, Grep, Bash, TodoWrite. */
export function builtInTools(): readonly Tool[] {
  return [readTool, writeTool, editTool, deleteTool, listTool, globTool, grepTool, bashTool, todoWriteTool];
}
