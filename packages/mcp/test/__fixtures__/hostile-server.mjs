// An MCP server on stdio without any library, that does what servers should not. `argv[2]` names its vice.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const vice = process.argv[2];
let cancelled = [];
let extra = [];
let sloppy = 0;
const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const tool = (name, more = {}) => ({ name, inputSchema: { type: "object" }, ...more });

if (vice === "exit") {
  console.error("no licence found");
  process.exit(3);
}
if (vice === "throw") throw new TypeError("no database at hand");
if (vice === "stubborn") {
  process.on("SIGTERM", () => {});
  const child = spawn("sleep", ["600"], { stdio: "ignore" });
  console.error(`child ${child.pid}`);
  extra = [tool(`child_${child.pid}`)];
  setInterval(() => {}, 1000);
}
if (vice === "garbage") {
  process.stdout.write('Hello!\n{"jsonrpc":"1.0"}\n[]\n\u0000\u0001\n{"jsonrpc":"2.0","id":99,"result":{}}\n');
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (vice === "mute") return;
  if (vice === "garbage") process.stdout.write("debug: got a line\n");
  if (method === "initialize") {
    const protocolVersion = vice === "old" ? "1999-01-01" : params.protocolVersion;
    say({ id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "h", version: "1" }, instructions: "be careful" } });
  } else if (method === "tools/list") list(id);
  else if (method === "notifications/cancelled") cancelled.push(params.requestId);
  else if (method === "tools/call") call(id, params);
});

function list(id) {
  if (vice === "endless") return say({ id, result: { tools: [tool(`t${sloppy++}`)], nextCursor: "more" } });
  if (vice === "refuses-second-list" && sloppy++ > 0) return say({ id, error: { code: -32603, message: "not again" } });
  if (vice === "bad-tools") {
    return say({ id, result: { tools: [
      null, "x", {}, { name: "no_schema" }, { name: "array_schema", inputSchema: { type: "array" } },
      tool("good", { description: "fine", annotations: { readOnlyHint: true } }),
      tool("good", { description: "twice" }),
      tool("both hints", { annotations: { readOnlyHint: true, destructiveHint: true } }),
      tool("x".repeat(100), { annotations: { destructiveHint: "yes" } }),
      tool("schema", { outputSchema: { type: "nonsense", $ref: "#/nowhere" } }),
    ] } });
  }
  say({ id, result: { tools: ["echo", "die", "sleep", "cancelled", "huge", "blocks", "shapeless", "refuse", "grow", "ask"].map((name) => tool(name)).concat(extra) } });
}

function call(id, { name, arguments: input }) {
  const text = (value, more) => say({ id, result: { content: [{ type: "text", text: value }], ...more } });
  if (name === "echo") return text(JSON.stringify(input), { isError: input.fail === true });
  if (name === "die") { console.error("disk on fire"); process.exit(7); }
  if (name === "sleep") return;
  if (name === "cancelled") return text(JSON.stringify(cancelled));
  if (name === "huge") return text(`${"x".repeat(39_999)}🌲${"y".repeat(1_000_000)}`);
  if (name === "shapeless") return say({ id, result: { content: "none" } });
  if (name === "refuse") return say({ id, error: { code: -32602, message: "wrong city" } });
  if (name === "blocks") {
    return say({ id, result: { content: [
      { type: "text", text: "a" }, { type: "image", mimeType: "image/png", data: "AAAA" },
      { type: "resource", resource: { uri: "file:///x", text: "inside" } },
      { type: "resource_link", uri: "file:///y", name: "why" }, { type: "hologram" }, 7,
    ] } });
  }
  if (name === "grow") {
    extra.push(tool(`extra${extra.length}`));
    for (let i = 0; i < 50; i += 1) say({ method: "notifications/tools/list_changed" });
    return text("grown");
  }
  if (name === "ask") {
    say({ id: 1000, method: "sampling/createMessage", params: { messages: [], maxTokens: 1 } });
    return text("asked");
  }
}
