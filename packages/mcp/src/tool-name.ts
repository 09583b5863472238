import { createHash } from "node:crypto";

/** The longest function name that OpenAI, Anthropic and Google all take. */
const longestName = 64;
const separator = "__";

/**
 * Names a server's tool for a model: `server__tool`, of letters, digits, `_` and `-`, at most 64 characters.
 * Other characters become `_`. A name that had to change ends in eight hex digits of a hash over server and tool,
 * so the same tool has the same name in every session.
 */
export function toToolName(server: string, tool: string): string {
  const plain = `${server}${separator}${tool}`;
  if (/^[A-Za-z0-9_-]+$/.test(tool) && plain.length <= longestName) return plain;
  const hash = createHash("sha256").update(plain).digest("hex").slice(0, 8);
  const safe = `${server}${separator}${tool.replace(/[^A-Za-z0-9_-]/g, "_")}`;
  return `${safe.slice(0, longestName - hash.length - 1)}_${hash}`;
}

/** The server that a tool's name belongs to; null for a name that no server gave. */
export function toServerName(toolName: string): string | null {
  const end = toolName.indexOf(separator);
  return end > 0 ? toolName.slice(0, end) : null;
}
