import { z } from "zod";
import { McpError } from "./errors.ts";

/** How to start one stdio server, and how long to wait for it. */
export interface ServerConfig {
  /** Stands before `__` in the names of its tools. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to what the spawner lets a server inherit; empty for nothing. */
  readonly env: Readonly<Record<string, string>>;
  /** From start to the first list of tools. Default 30 000. */
  readonly startupTimeoutMs?: number | undefined;
  /** One tool call. Default 120 000. */
  readonly toolTimeoutMs?: number | undefined;
}

/** 2^31 − 1 ms is the longest a timer of this platform waits. */
const timeoutMs = z.int().min(1).max(2_147_483_647).optional();
const noNul = (text: string): boolean => !text.includes("\0");

const serverConfig = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/, "wanted 1 to 32 letters, digits, _ or -")
    .refine((name) => !name.includes("__"), "may not hold __, which parts server and tool")
    .refine((name) => !name.endsWith("_"), "may not end in _, or __ after it would be ambiguous"),
  command: z.string().min(1).refine(noNul, "may not hold NUL"),
  args: z.array(z.string().refine(noNul, "may not hold NUL")).default([]),
  env: z
    .record(z.string().regex(/^[^=\0]+$/, "not a variable name"), z.string().refine(noNul, "may not hold NUL"))
    .default({}),
  startupTimeoutMs: timeoutMs,
  toolTimeoutMs: timeoutMs,
});

/**
 * Checks one server's configuration; absent `args` and `env` are empty. The result is frozen.
 *
 * @throws {McpError} `bad_config` naming the path of the bad value.
 */
export function parseServerConfig(value: unknown): ServerConfig {
  const parsed = serverConfig.safeParse(value);
  if (parsed.success) return Object.freeze(parsed.data);
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  throw new McpError("bad_config", `MCP server configuration: ${where}${issue?.message ?? "bad shape"}`);
}
