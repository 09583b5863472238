export { inheritedVariables, toChildEnv } from "./child-env.ts";
export { McpError, type McpErrorCode } from "./errors.ts";
export { McpManager, type McpManagerOptions, type ServerStatus } from "./mcp-manager.ts";
export { parseServerConfig, type ServerConfig } from "./server-config.ts";
export type { ServerExit, ServerProcess, SpawnServer } from "./server-process.ts";
export { spawnPlain } from "./spawn-plain.ts";
export type { McpToolResult } from "./to-result.ts";
export type { McpTool, McpToolEffect } from "./to-tool.ts";
export { toServerName, toToolName } from "./tool-name.ts";
