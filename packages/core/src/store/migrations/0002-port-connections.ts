/** Version 2: connections through opened ports. SQLite cannot widen a check, so the table is made again with what it held. */
export const portConnections = `
CREATE TABLE egress_2 (
  seq INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id),
  call_id TEXT,
  protocol TEXT NOT NULL CHECK (protocol IN ('http-connect', 'http', 'socks5', 'host-port', 'publish')),
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
INSERT INTO egress_2 SELECT
  seq, session_id, call_id, protocol, host, port, address, verdict, rule, reason, bytes_up, bytes_down, duration_ms, created_at
FROM egress;
DROP TABLE egress;
ALTER TABLE egress_2 RENAME TO egress;
CREATE INDEX egress_by_session ON egress (session_id, seq);
`;
