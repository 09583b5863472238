import Database from "better-sqlite3";
import { firstTables } from "../../src/store/migrations/0001-first-tables.ts";
import { portConnections } from "../../src/store/migrations/0002-port-connections.ts";

/** Versions that were released before the present one. */
export const oldVersions: readonly number[] = [1, 2];

/** Makes a database as that version made and filled it. */
export function makeOldDatabase(path: string, version: number): void {
  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  for (const sql of [firstTables, portConnections].slice(0, version)) database.exec(sql);
  database.pragma(`user_version = ${version}`);
  database.exec(rows);
  if (version >= 2) database.exec(portRow);
  database.close();
}

/** Every row of the given tables, in the columns that they have. */
export function dumpTables(path: string, columns: Readonly<Record<string, readonly string[]>>): unknown {
  const database = new Database(path, { readonly: true });
  const dump = Object.entries(columns).map(([table, names]) => [
    table,
    database.prepare(`SELECT ${names.join(", ")} FROM ${table} ORDER BY ${names.join(", ")}`).all(),
  ]);
  database.close();
  return dump;
}

/** The tables of a database with their columns. */
export function readColumns(path: string): Readonly<Record<string, readonly string[]>> {
  const database = new Database(path, { readonly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
  const columns = tables.map((table) => [
    table,
    database.prepare(`SELECT name FROM pragma_table_info('${table}')`).pluck().all() as string[],
  ]);
  database.close();
  return Object.fromEntries(columns);
}

const rows = `
INSERT INTO sessions VALUES ('s1', '/p', 'old title', 'openai', 'small', 'auto', 2, 1000, 5000);
INSERT INTO sessions VALUES ('s2', '/p', NULL, 'openai', 'small', 'safe', 0, 1000, 1000);
INSERT INTO entries (id, session_id, parent_id, turn_id, content, created_at) VALUES
  ('e1', 's1', NULL, 't1', '{"kind":"user","source":"prompt","text":"find the Café parser"}', 2000),
  ('e2', 's1', 'e1', 't1', '{"kind":"assistant","text":"reading","thinking":"","toolCalls":[
    {"callId":"c1","name":"Read","argumentsJson":"{}"},{"callId":"c2","name":"Bash","argumentsJson":"{}"},
    {"callId":"c3","name":"Write","argumentsJson":"{}"},{"callId":"c4","name":"Bash","argumentsJson":"{}"}
    ],"isComplete":true}', 2001),
  ('e3', 's1', 'e2', 't1', '{"kind":"turn-end","outcome":{"kind":"complete","text":"found nothing unusual"}}', 2002);
INSERT INTO drafts VALUES ('s1', 't2', 'half', '');
INSERT INTO tool_calls (session_id, call_id, entry_id, name, state, decision, reason, outcome, text, changes, duration_ms,
  requested_at, decided_at, started_at, finished_at) VALUES
  ('s1', 'c1', 'e2', 'Read', 'finished', 'run', 'read-only', 'ok', 'export function tokenise', '[]', 3, 2001, 2001, 2001, 2002),
  ('s1', 'c2', 'e2', 'Bash', 'started', 'run', 'allowed', NULL, NULL, NULL, NULL, 2001, 2001, 2001, NULL),
  ('s1', 'c3', 'e2', 'Write', 'finished', 'block', 'plan', 'blocked', 'Plan mode forbids it', '[]', 0, 2001, 2001, NULL, 2002),
  ('s1', 'c4', 'e2', 'Bash', 'requested', NULL, NULL, NULL, NULL, NULL, NULL, 2001, NULL, NULL, NULL);
INSERT INTO egress VALUES (7, 's1', 'c2', 'http', 'a.test', 80, NULL, 'refused', NULL, 'no rule', 0, 0, 1, 2001);
INSERT INTO usage (session_id, turn_id, provider_id, model, input_tokens, output_tokens, cache_read_tokens,
  thinking_tokens, created_at) VALUES ('s1', 't1', 'openai', 'small', 100, 20, 5, 1, 2002);
INSERT INTO owned_files VALUES ('s1', '/p/new.txt');
INSERT INTO leases VALUES ('s1', 'token', 4242, 'boot 17');
INSERT INTO permission_rules (project_root, verdict, text, created_at) VALUES ('/p', 'allow', 'Bash(npm test)', 1);
INSERT INTO host_rules (project_root, pattern, verdict, created_at) VALUES ('/p', 'a.test', 'deny', 1);
INSERT INTO mcp_servers VALUES ('files', 'npx', '["-y"]', '{"A":"b"}', 1);
INSERT INTO settings VALUES ('model', 'small');
`;

const portRow = `
INSERT INTO egress VALUES (8, 's1', 'c2', 'publish', '127.0.0.1', 3000, NULL, 'allowed', NULL, 'ended', 5, 6, 1, 2001);
`;
