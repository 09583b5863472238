import { z } from "zod";
import { parseJson, parseRow } from "./parse-row.ts";
import type {
  HookRecord,
  HostRuleRecord,
  McpServerRecord,
  PermissionRuleRecord,
  ProjectStore,
} from "./project-store.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

export function createProjectStore(connection: SqliteConnection): ProjectStore {
  return {
    listPermissionRules: (projectRoot) =>
      connection
        .all("SELECT verdict, text FROM permission_rules WHERE project_root = ? ORDER BY seq", projectRoot)
        .map((row) => parseRow(permissionRow, row)),
    addPermissionRule(projectRoot, rule, nowMs) {
      connection.run(
        `INSERT INTO permission_rules (project_root, verdict, text, created_at) VALUES (?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
        projectRoot,
        rule.verdict,
        rule.text,
        nowMs,
      );
    },
    removePermissionRule: (projectRoot, rule) =>
      connection.run(
        "DELETE FROM permission_rules WHERE project_root = ? AND verdict = ? AND text = ?",
        projectRoot,
        rule.verdict,
        rule.text,
      ) > 0,
    listHostRules: (projectRoot) =>
      connection
        .all("SELECT verdict, pattern FROM host_rules WHERE project_root = ? ORDER BY seq", projectRoot)
        .map((row) => parseRow(hostRow, row)),
    addHostRule(projectRoot, rule, nowMs) {
      connection.run(
        `INSERT INTO host_rules (project_root, pattern, verdict, created_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (project_root, pattern) DO UPDATE SET verdict = excluded.verdict`,
        projectRoot,
        rule.pattern,
        rule.verdict,
        nowMs,
      );
    },
    removeHostRule: (projectRoot, pattern) =>
      connection.run("DELETE FROM host_rules WHERE project_root = ? AND pattern = ?", projectRoot, pattern) > 0,
    listMcpServers: () =>
      connection.all("SELECT name, command, args, env FROM mcp_servers ORDER BY name").map((row) => toServer(row)),
    addMcpServer(server, nowMs) {
      connection.run(
        "INSERT OR REPLACE INTO mcp_servers (name, command, args, env, created_at) VALUES (?, ?, ?, ?, ?)",
        server.name,
        server.command,
        JSON.stringify(server.args),
        JSON.stringify(server.env),
        nowMs,
      );
    },
    removeMcpServer: (name) => connection.run("DELETE FROM mcp_servers WHERE name = ?", name) > 0,
    listHooks: (projectRoot) =>
      connection
        .all(
          `SELECT name, event, role, position AS "order", timeout_ms AS timeoutMs, matcher AS matcherJson, command
           FROM hooks WHERE project_root = ? ORDER BY position, name`,
          projectRoot,
        )
        .map((row) => parseRow(hookRow, row)),
    addHook(projectRoot, hook) {
      connection.run(
        `INSERT OR REPLACE INTO hooks (project_root, name, event, role, position, timeout_ms, matcher, command)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        projectRoot,
        hook.name,
        hook.event,
        hook.role,
        hook.order,
        hook.timeoutMs,
        hook.matcherJson,
        hook.command,
      );
    },
    removeHook: (projectRoot, name) =>
      connection.run("DELETE FROM hooks WHERE project_root = ? AND name = ?", projectRoot, name) > 0,
    readSetting(key) {
      const row = connection.get("SELECT value FROM settings WHERE key = ?", key);
      return row === undefined ? null : parseRow(settingRow, row).value;
    },
    writeSetting(key, value) {
      connection.run("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", key, value);
    },
  };
}

function toServer(row: unknown): McpServerRecord {
  const { name, command, args, env } = parseRow(serverRow, row);
  return {
    name,
    command,
    args: parseJson(z.array(z.string()), args),
    env: parseJson(z.record(z.string(), z.string()), env),
  };
}

const permissionRow: z.ZodType<PermissionRuleRecord> = z.object({
  verdict: z.enum(["allow", "ask", "deny"]),
  text: z.string(),
});
const hostRow: z.ZodType<HostRuleRecord> = z.object({
  verdict: z.enum(["allow", "allow-private", "deny"]),
  pattern: z.string(),
});
const serverRow = z.object({ name: z.string(), command: z.string(), args: z.string(), env: z.string() });
const hookRow: z.ZodType<HookRecord> = z.object({
  name: z.string(),
  event: z.string(),
  role: z.enum(["guard", "observer", "async"]),
  order: z.number(),
  timeoutMs: z.number(),
  matcherJson: z.string(),
  command: z.string(),
});
const settingRow = z.object({ value: z.string() });
