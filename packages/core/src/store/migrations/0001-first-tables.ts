/** Version 1: sessions, their journal, and what projects have settled. Times are epoch milliseconds. */
export const firstTables = `
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  project_root TEXT NOT NULL,
  title TEXT,
  provider_id TEXT NOT NULL,
  model TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('plan', 'safe', 'auto')),
  turn_count INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_project ON sessions (project_root, updated_at);

CREATE TABLE entries (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  session_id TEXT NOT NULL REFERENCES sessions (id),
  parent_id TEXT REFERENCES entries (id),
  turn_id TEXT NOT NULL,
  content TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX entries_by_session ON entries (session_id, seq);

CREATE TABLE drafts (
  session_id TEXT PRIMARY KEY REFERENCES sessions (id),
  turn_id TEXT NOT NULL,
  text TEXT NOT NULL,
  thinking TEXT NOT NULL
) STRICT;

CREATE TABLE tool_calls (
  seq INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id),
  call_id TEXT NOT NULL,
  entry_id TEXT NOT NULL REFERENCES entries (id),
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('requested', 'decided', 'started', 'finished')),
  decision TEXT CHECK (decision IN ('run', 'ask', 'block')),
  reason TEXT,
  outcome TEXT CHECK (outcome IN ('ok', 'error', 'blocked', 'rejected', 'cancelled')),
  text TEXT,
  changes TEXT,
  duration_ms INTEGER,
  requested_at INTEGER NOT NULL,
  decided_at INTEGER,
  started_at INTEGER,
  finished_at INTEGER,
  UNIQUE (session_id, call_id)
) STRICT;

CREATE TABLE egress (
  seq INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id),
  call_id TEXT,
  protocol TEXT NOT NULL CHECK (protocol IN ('http-connect', 'http', 'socks5')),
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  address TEXT,
  verdict TEXT NOT NULL CHECK (verdict IN ('allowed', 'refused', 'failed')),
  rule TEXT,
  reason TEXT NOT NULL,
  bytes_up INTEGER NOT NULL,
  bytes_down INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX egress_by_session ON egress (session_id, seq);

CREATE TABLE usage (
  seq INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id),
  turn_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  model TEXT NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  thinking_tokens INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX usage_by_session ON usage (session_id);

CREATE TABLE owned_files (
  session_id TEXT NOT NULL REFERENCES sessions (id),
  path TEXT NOT NULL,
  PRIMARY KEY (session_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
  session_id TEXT PRIMARY KEY REFERENCES sessions (id),
  token TEXT NOT NULL,
  pid INTEGER NOT NULL,
  start_marker TEXT NOT NULL
) STRICT;

CREATE TABLE permission_rules (
  seq INTEGER PRIMARY KEY,
  project_root TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('allow', 'ask', 'deny')),
  text TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (project_root, verdict, text)
) STRICT;

CREATE TABLE host_rules (
  seq INTEGER PRIMARY KEY,
  project_root TEXT NOT NULL,
  pattern TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('allow', 'allow-private', 'deny')),
  created_at INTEGER NOT NULL,
  UNIQUE (project_root, pattern)
) STRICT;

CREATE TABLE mcp_servers (
  name TEXT PRIMARY KEY,
  command TEXT NOT NULL,
  args TEXT NOT NULL,
  env TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
`;
