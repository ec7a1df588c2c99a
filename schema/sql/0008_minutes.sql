-- How storing goes, minute by minute: for GET /storage.  Ingest adds to the row of its
-- minute every few seconds, in a transaction that it makes anyway; several servers have a
-- row each.  Kept for a week.
CREATE TABLE ingest_minute (
	at            timestamptz NOT NULL,  -- begin of the minute
	collector     text NOT NULL,         -- "host/pid" of the process
	readings      int8 NOT NULL,         -- rows stored, of processes and hosts
	commits       int8 NOT NULL,
	commit_us     int8 NOT NULL,         -- all of them together
	longest_us    int8 NOT NULL,
	last_us       int8 NOT NULL,
	backlog_bytes int8 NOT NULL,         -- in the spools of all agents, at its begin
	lag_ms        int8,                  -- of the slowest agent that reports, then
	PRIMARY KEY (at, collector)
) WITH (fillfactor = 50);

-- The row of an agent is updated with every batch; none of what changes is indexed, so that
-- half a page of room keeps it in its place: 124 bytes of log an update instead of 256, and
-- half the time.
ALTER TABLE agent SET (fillfactor = 50);
