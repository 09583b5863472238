import { CoreError } from "../errors.ts";

/** A rule that stands above the table of modes. */
export interface PermissionRule {
  readonly verdict: "allow" | "ask" | "deny";
  /** A tool's name, compared without regard to case; a final `*` stands for any rest, `mcp__server` for all tools of that server. */
  readonly tool: string;
  /** Null: every call. Else, by the tool: a command, a path glob, or the call's one line with `*` for anything. */
  readonly pattern: string | null;
  /** As written. */
  readonly text: string;
}

/**
 * Parses `Tool` or `Tool(pattern)`; `Tool(*)` is the same as `Tool`.
 *
 *     rule    = name [ "(" pattern ")" ]
 *     name    = ( ALPHA / "_" ) *( ALPHA / DIGIT / "_" / "-" ) [ "*" ]
 *     pattern = 1*CHAR        ; Bash: a command, `:*` at its end makes it a prefix, `*` elsewhere any text
 *                             ; Read, Edit and the like: a glob below the project, or absolute, without `..`
 *
 * @throws {CoreError} `bad_rule`, whose message names the position.
 */
export function parsePermissionRule(verdict: PermissionRule["verdict"], text: string): PermissionRule {
  const name = /^[A-Za-z_][A-Za-z0-9_-]*\*?/.exec(text)?.[0];
  if (name === undefined) throw badRule(text, 0, "a tool name");
  if (text.length === name.length) return { verdict, tool: name, pattern: null, text };
  if (text[name.length] !== "(") throw badRule(text, name.length, 'the end or "("');
  if (!text.endsWith(")")) throw badRule(text, text.length, '")"');
  const pattern = text.slice(name.length + 1, -1);
  const start = name.length + 1;
  if (pattern.trim() === "") throw badRule(text, start, "a pattern");
  const control = pattern.search(/[\0\r\n]/);
  if (control !== -1) throw badRule(text, start + control, "no line break or NUL");
  if (isPathTool(name) && pattern.startsWith("~")) throw badRule(text, start, "an absolute path instead of ~");
  const parent = isPathTool(name) ? pattern.search(/(?<![^/])\.\.(?![^/])/) : -1;
  // Paths are compared with `..` taken out: such a rule would cover nothing, and a deny rule must not fail in silence.
  if (parent !== -1) throw badRule(text, start + parent, 'a path without ".."');
  return { verdict, tool: name, pattern: pattern === "*" ? null : pattern, text };
}

/** Tools whose patterns are path globs. */
export function isPathTool(tool: string): boolean {
  return ["read", "write", "edit", "delete", "list", "glob", "grep"].includes(tool.toLowerCase());
}

function badRule(text: string, position: number, wanted: string): CoreError {
  return new CoreError("bad_rule", `bad rule ${JSON.stringify(text)}: expected ${wanted} at position ${position}`);
}
