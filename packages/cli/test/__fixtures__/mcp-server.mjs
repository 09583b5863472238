// A stdio MCP server without dependencies (modelcontextprotocol.io, 2025-06-18), so that it runs wherever its one file is put.
// The manager is tested against the reference server in packages/mcp.
import { createInterface } from "node:readline";

const tools = {
  echo: { annotations: { readOnlyHint: true }, call: ({ message }) => `Echo: ${message}` },
  change: { annotations: { readOnlyHint: false, destructiveHint: false }, call: () => "changed" },
  environment: { annotations: { readOnlyHint: true }, call: () => JSON.stringify(process.env, null, 1) },
};

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "fixture", version: "1.0.0" },
  }),
  "tools/list": () => ({
    tools: Object.entries(tools).map(([name, { annotations }]) => ({
      name,
      description: `The tool ${name}`,
      inputSchema: { type: "object", properties: { message: { type: "string" } } },
      annotations,
    })),
  }),
  "tools/call": ({ name, arguments: input = {} }) => ({ content: [{ type: "text", text: tools[name].call(input) }] }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params = {} } = JSON.parse(line);
  if (id === undefined) continue; // a notification
  const result = answers[method]?.(params) ?? {};
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
}
