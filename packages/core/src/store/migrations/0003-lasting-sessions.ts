/**
 * Version 3: states and lineage of sessions, fences, what is asked and answered from outside, blobs, search.
 * `leaf_id` and `full_text_hash` have no foreign key: the store checks them, and an entry is appended once for every key.
 */
export const lastingSessions = `
ALTER TABLE sessions ADD COLUMN state TEXT NOT NULL DEFAULT 'active'
  CHECK (state IN ('active', 'paused', 'completed', 'error'));
ALTER TABLE sessions ADD COLUMN state_reason TEXT CHECK (state_reason IS NULL OR json_valid(state_reason));
ALTER TABLE sessions ADD COLUMN parent_id TEXT REFERENCES sessions (id);
ALTER TABLE sessions ADD COLUMN leaf_id TEXT;
ALTER TABLE sessions ADD COLUMN fence INTEGER NOT NULL DEFAULT 0 CHECK (fence >= 0);
ALTER TABLE sessions ADD COLUMN deleted_at INTEGER;
CREATE INDEX sessions_by_parent ON sessions (parent_id) WHERE parent_id IS NOT NULL;
UPDATE sessions SET leaf_id =
  (SELECT id FROM entries WHERE entries.session_id = sessions.id ORDER BY seq DESC LIMIT 1);

ALTER TABLE entries ADD COLUMN kind TEXT NOT NULL DEFAULT 'unknown'
  CHECK (kind IN ('user', 'assistant', 'summary', 'turn-end', 'unknown'));
CREATE INDEX entries_by_parent ON entries (parent_id) WHERE parent_id IS NOT NULL;
UPDATE entries SET kind = content ->> '$.kind'
  WHERE json_valid(content) AND content ->> '$.kind' IN ('user', 'assistant', 'summary', 'turn-end');

ALTER TABLE tool_calls ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0);
ALTER TABLE tool_calls ADD COLUMN origin TEXT CHECK (origin IN ('koda', 'workspace', 'command', 'external'));
ALTER TABLE tool_calls ADD COLUMN full_text_hash TEXT;
CREATE INDEX tool_calls_by_entry ON tool_calls (entry_id);
UPDATE tool_calls SET attempts = 1 WHERE started_at IS NOT NULL;
UPDATE tool_calls SET origin = CASE
  WHEN outcome IN ('blocked', 'rejected') THEN 'koda'
  WHEN name = 'Bash' THEN 'command'
  WHEN name IN ('Read', 'Write', 'Edit', 'Delete', 'List', 'Glob', 'Grep') THEN 'workspace'
  ELSE 'external' END
  WHERE outcome IS NOT NULL;

ALTER TABLE usage ADD COLUMN label TEXT NOT NULL DEFAULT 'turn';
ALTER TABLE usage ADD COLUMN step INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
ALTER TABLE usage ADD COLUMN outcome TEXT NOT NULL DEFAULT 'finished'
  CHECK (outcome IN ('finished', 'failed', 'aborted'));
ALTER TABLE usage ADD COLUMN failure_code TEXT;
ALTER TABLE usage ADD COLUMN retry_after_ms INTEGER;
ALTER TABLE usage ADD COLUMN cache_write_tokens INTEGER;
ALTER TABLE usage ADD COLUMN cost_micros INTEGER;
ALTER TABLE usage ADD COLUMN duration_ms INTEGER NOT NULL DEFAULT 0;

ALTER TABLE leases ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE leases ADD COLUMN renewed_at INTEGER NOT NULL DEFAULT 0;

CREATE TABLE waits (
  seq INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  session_id TEXT NOT NULL REFERENCES sessions (id),
  turn_id TEXT NOT NULL,
  call_id TEXT,
  kind TEXT NOT NULL CHECK (kind IN ('approval', 'question', 'steps', 'external')),
  payload TEXT NOT NULL,
  deadline INTEGER,
  created_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'answered', 'closed')),
  answer TEXT,
  answered_by TEXT,
  CHECK ((state = 'answered') = (answer IS NOT NULL) AND (answer IS NULL) = (answered_by IS NULL))
) STRICT;
CREATE INDEX waits_by_session ON waits (session_id, created_at);

CREATE TABLE inputs (
  seq INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id),
  id TEXT NOT NULL,
  text TEXT NOT NULL,
  boundary TEXT NOT NULL CHECK (boundary IN ('this-turn', 'next-turn')),
  state TEXT NOT NULL CHECK (state IN ('waiting', 'accepted', 'withdrawn')),
  entry_id TEXT,
  created_at INTEGER NOT NULL,
  UNIQUE (session_id, id),
  CHECK ((state = 'accepted') = (entry_id IS NOT NULL))
) STRICT;
CREATE INDEX inputs_waiting ON inputs (session_id, seq) WHERE state = 'waiting';

CREATE TABLE live_events (
  seq INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id),
  fence INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  events TEXT NOT NULL,
  CHECK (last_seq >= first_seq)
) STRICT;
CREATE INDEX live_events_by_session ON live_events (session_id, last_seq, created_at);

CREATE TABLE blobs (
  hash TEXT PRIMARY KEY CHECK (length(hash) = 64),
  size INTEGER NOT NULL,
  encoding TEXT NOT NULL CHECK (encoding IN ('raw', 'deflate')),
  bytes BLOB NOT NULL
) STRICT;
CREATE TABLE blob_references (
  session_id TEXT NOT NULL REFERENCES sessions (id),
  hash TEXT NOT NULL REFERENCES blobs (hash),
  PRIMARY KEY (session_id, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_references_by_hash ON blob_references (hash);

CREATE TABLE session_values (
  session_id TEXT NOT NULL REFERENCES sessions (id),
  name TEXT NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (session_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
  session_id TEXT NOT NULL REFERENCES sessions (id),
  position INTEGER NOT NULL,
  id TEXT NOT NULL,
  text TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'in-progress', 'completed', 'cancelled')),
  priority TEXT NOT NULL CHECK (priority IN ('high', 'medium', 'low')),
  PRIMARY KEY (session_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  session_id TEXT NOT NULL REFERENCES sessions (id),
  number INTEGER NOT NULL,
  kind TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  action TEXT NOT NULL,
  text TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (session_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE memories (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  project_root TEXT NOT NULL,
  text TEXT NOT NULL,
  importance REAL NOT NULL CHECK (importance BETWEEN 0 AND 1),
  kind TEXT NOT NULL CHECK (kind IN ('episodic', 'semantic', 'procedural', 'working')),
  tags TEXT NOT NULL CHECK (json_valid(tags)),
  created_at INTEGER NOT NULL,
  access_count INTEGER NOT NULL,
  accessed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX memories_by_project ON memories (project_root, created_at);

CREATE TABLE hooks (
  project_root TEXT NOT NULL,
  name TEXT NOT NULL,
  event TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('guard', 'observer', 'async')),
  position INTEGER NOT NULL,
  timeout_ms INTEGER NOT NULL,
  matcher TEXT NOT NULL,
  command TEXT NOT NULL,
  PRIMARY KEY (project_root, name)
) STRICT;

CREATE VIRTUAL TABLE search USING fts5 (
  text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO search (rowid, text)
  SELECT seq * 2, content ->> '$.text' FROM entries WHERE kind IN ('user', 'assistant', 'summary')
    AND content ->> '$.text' IS NOT NULL;
INSERT INTO search (rowid, text)
  SELECT seq * 2 + 1, substr(text, 1, 4000) FROM tool_calls
  WHERE text IS NOT NULL AND outcome IN ('ok', 'error', 'cancelled');

CREATE VIRTUAL TABLE memory_search USING fts5 (
  text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
`;
