import type { Store, Toolbox } from "@koda/core";
import type { Sandbox } from "@koda/sandbox";
import type { SessionWarning } from "./session-warning.ts";

/** No server configured: nothing imported, nothing started. */
const emptyToolbox: Toolbox = { generation: 0, tools: () => [] };

/** Starts the configured MCP servers inside the sandbox, all at once. One that fails is a warning; without a sandbox all do. */
export async function openToolbox(options: {
  readonly store: Store;
  readonly sandbox: Sandbox;
  readonly stack: AsyncDisposableStack;
  /** The project is read-only to the servers, for as long as they run. */
  readonly isReadOnly: boolean;
  readonly notify: ((message: string) => void) | undefined;
}): Promise<{ readonly toolbox: Toolbox; readonly warnings: readonly SessionWarning[] }> {
  const servers = options.store.listMcpServers();
  if (servers.length === 0) return { toolbox: emptyToolbox, warnings: [] };
  const names = servers.map((server) => server.name).join(", ");
  if (options.sandbox.enforcement !== "kernel") {
    const message = `MCP servers run inside the sandbox or not at all, so these are not started: ${names}`;
    return { toolbox: emptyToolbox, warnings: [{ code: "mcp_server_failed", message }] };
  }
  const { McpManager } = await import("@koda/mcp");
  using _notice = after(1_000, () => options.notify?.(`waiting for MCP servers to start: ${names}`));
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
        void server.undone.then((violations) => {
          for (const { message } of violations) options.notify?.(`MCP server ${name}: ${message}`);
        });
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

/** Runs `act` once, unless disposed before. */
function after(delayMs: number, act: () => void): Disposable {
  const timer = setTimeout(act, delayMs);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
