import type { Store, Toolbox } from "@koda/core";
import type { Sandbox } from "@koda/sandbox";
import type { SessionWarning } from "./session-warning.ts";

/** No server configured: nothing imported, nothing started. */
const emptyToolbox: Toolbox = { generation: 0, tools: () => [] };

/** Starts the configured MCP servers inside the sandbox, all at once. One that fails is a warning. */
export async function openToolbox(options: {
  readonly store: Store;
  readonly sandbox: Sandbox;
  readonly stack: AsyncDisposableStack;
  /** The project is read-only to the servers, for as long as they run. */
  readonly isReadOnly: boolean;
}): Promise<{ readonly toolbox: Toolbox; readonly warnings: readonly SessionWarning[] }> {
  const servers = options.store.listMcpServers();
  if (servers.length === 0) return { toolbox: emptyToolbox, warnings: [] };
  const { McpManager } = await import("@koda/mcp");
  const manager = options.stack.use(
    await McpManager.open({
      servers,
      spawn: ({ name, command, args, env }) => {
        const server = options.sandbox.spawn({
          argv: [command, ...args],
          clientId: `mcp:${name}`,
          isReadOnly: options.isReadOnly,
          env,
          stdio: ["pipe", "pipe", "pipe"],
        });
        const { stdin, stdout, stderr } = server.child;
        if (stdin === null || stdout === null) throw new Error("the process has no pipes");
        return { stdin, stdout, stderr, exited: server.exited, kill: () => server.kill() };
      },
    }),
  );
  const failed = manager.status().filter((server) => server.state === "failed");
  return {
    toolbox: manager,
    warnings: failed.map(({ name, message }) => ({
      code: "mcp_server_failed",
      message: `MCP server ${name} did not start: ${message ?? "no reason given"}`,
    })),
  };
}
