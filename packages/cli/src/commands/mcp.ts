import { parseServerConfig } from "@koda/mcp";
import { openStore } from "../compose/open-store.ts";
import { loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { McpChange } from "../invocation.ts";
import type { Io } from "../io.ts";
import { escapeLine } from "../render/escape-text.ts";

/** `koda mcp`: which servers every session starts. */
export function changeMcpServers(change: McpChange, io: Io): ExitCode {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  using store = openStore(config);
  switch (change.kind) {
    case "list":
      for (const { name, command, args } of store.listMcpServers()) {
        io.stdout.write(`${name}  ${escapeLine([command, ...args].join(" "))}\n`);
      }
      break;
    case "remove":
      if (store.removeMcpServer(change.name)) break;
      io.stderr.write(`No MCP server is called ${change.name}\n`);
      return exitCode.error;
    case "add":
      store.addMcpServer(
        parseServerConfig({ name: change.name, command: change.command, args: change.args, env: change.env }),
        Date.now(),
      );
      io.stderr.write(`MCP server ${change.name} starts with the next session, inside the sandbox\n`);
      break;
    default:
      change satisfies never;
  }
  return exitCode.done;
}
