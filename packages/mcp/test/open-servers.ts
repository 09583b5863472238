import { fileURLToPath } from "node:url";
import { McpManager, type McpTool, parseServerConfig, type ServerConfig, spawnPlain } from "../src/index.ts";

/** A server of `__fixtures__/hostile-server.mjs` with one vice. */
export function hostile(vice: string, more: Partial<ServerConfig> = {}): ServerConfig {
  const script = fileURLToPath(new URL("./__fixtures__/hostile-server.mjs", import.meta.url));
  return parseServerConfig({ name: vice, command: process.execPath, args: [script, vice], ...more });
}

export function openServers(...servers: readonly ServerConfig[]): Promise<McpManager> {
  return McpManager.open({ servers, spawn: spawnPlain(process.env) });
}

export function toolOf(manager: McpManager, name: string): McpTool {
  const tool = manager.tools().find((candidate) => candidate.name === name);
  if (tool === undefined) throw new Error(`no tool ${name} among ${manager.tools().map((one) => one.name)}`);
  return tool;
}

export function call(
  manager: McpManager,
  name: string,
  input: Readonly<Record<string, unknown>> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<{ readonly text: string; readonly isError: boolean }> {
  return toolOf(manager, name).execute(input, { signal });
}
