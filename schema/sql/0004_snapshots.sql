-- Heap snapshots: who asked for one and what became of it, what it said, what was kept
-- of the raw file; and the audit of all that.

-- What happened that somebody may have to answer for.  Rows are only ever added.
CREATE TABLE audit (
	id         int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at         timestamptz NOT NULL DEFAULT now(),
	user_id    int4 REFERENCES app_user,  -- NULL: nobody who logs in
	actor      text NOT NULL,             -- "ada", "policy", "agent", "server"
	action     text NOT NULL,             -- "snapshot.done", "snapshot.denied", "raw.download" ...
	service_id int4 REFERENCES service,
	host_id    int4 REFERENCES host,
	subject    text NOT NULL DEFAULT '',  -- "checkout on shop-1, pid 4711"
	detail     text NOT NULL DEFAULT ''
);
CREATE INDEX audit_service ON audit (service_id, id);
-- What the watch asks each turn of findings and captures of policies.
CREATE INDEX audit_policy ON audit (service_id, action)
	WHERE action IN ('policy.left', 'policy.skipped', 'snapshot.refused');

CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'the audit is only ever added to';
END $$;
CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
	FOR EACH STATEMENT EXECUTE FUNCTION audit_keep();

-- A request for a snapshot of one process, from the first question to its end.
CREATE TABLE capture (
	id             int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	service_id     int4 NOT NULL REFERENCES service,
	slot_id        int4 NOT NULL REFERENCES slot,
	generation_id  int4 NOT NULL REFERENCES generation,
	fingerprint_id int4 NOT NULL REFERENCES fingerprint,
	host_id        int4 NOT NULL REFERENCES host,
	finding_id     int8 REFERENCES finding,   -- of a policy
	cause          text NOT NULL,             -- "console", "policy: first", "policy: after growth", "policy: control"
	asked_by       int4 REFERENCES app_user,  -- NULL: a policy
	asked_at       timestamptz NOT NULL DEFAULT now(),
	-- quoting: a card was ordered; quoted: it is here; ordered: confirmed and on its way;
	-- running; then one of the ends.
	state          text NOT NULL CHECK (state IN ('quoting', 'quoted', 'ordered', 'running',
	                   'done', 'denied', 'failed', 'expired', 'cancelled')),
	changed_at     timestamptz NOT NULL DEFAULT now(),
	deadline_at    timestamptz NOT NULL,      -- after this it is "expired", unless it has ended
	asks           text NOT NULL DEFAULT '',  -- the server's own reasons, which join the card's
	confirmed_by   int4 REFERENCES app_user,
	ordered_at     timestamptz,               -- NULL: no snapshot was ever ordered
	route          text NOT NULL DEFAULT '',
	overrules      boolean NOT NULL DEFAULT false,
	keep_raw       boolean NOT NULL DEFAULT false,
	progress_permille int4 NOT NULL DEFAULT 0,
	text           text NOT NULL DEFAULT '',  -- why it ended as it did
	card           jsonb                      -- the newest; struct snapshot_card
);
CREATE INDEX capture_service ON capture (service_id, id);
CREATE INDEX capture_active ON capture (host_id)
	WHERE state IN ('quoting', 'quoted', 'ordered', 'running');

-- One heap, in summary.
CREATE TABLE snapshot (
	id             int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	capture_id     int8 UNIQUE REFERENCES capture,  -- NULL: not asked for by us
	service_id     int4 NOT NULL REFERENCES service,
	slot_id        int4 NOT NULL REFERENCES slot,
	generation_id  int4 NOT NULL REFERENCES generation,
	fingerprint_id int4 NOT NULL REFERENCES fingerprint,
	host_id        int4 NOT NULL REFERENCES host,
	taken_at       timestamptz NOT NULL,
	stored_at      timestamptz NOT NULL DEFAULT now(),
	kind           text NOT NULL CHECK (kind IN ('v8', 'v8-shallow', 'jvm')),
	route          text NOT NULL,
	rules          text NOT NULL,
	why_shallow    text NOT NULL,
	runtime        text NOT NULL,
	pause_ms       int8,
	analysis_ms    int8,
	uptime_ms      int8,
	requests       int8,                      -- served since the process started
	peak_rss_bytes int8,
	heap_used_bytes int8,
	external_bytes int8,
	heap_limit_bytes int8,
	stream_bytes   int8 NOT NULL,
	node_count     int8 NOT NULL,
	edge_count     int8 NOT NULL,
	total_bytes    int8 NOT NULL,
	class_count    int8 NOT NULL,
	native_bytes   int8 NOT NULL,
	typed_array_bytes int8 NOT NULL,
	code_bytes     int8 NOT NULL,
	js_array_bytes int8 NOT NULL,
	string_bytes   int8 NOT NULL,
	system_bytes   int8 NOT NULL,
	accumulators   jsonb NOT NULL,            -- arrays of struct snapshot_holder, as the API gives them
	fanout         jsonb NOT NULL,
	growth         jsonb,                     -- against the snapshot before of the same process
	raw_bytes      int8 NOT NULL DEFAULT 0,   -- of the file that the host kept
	raw_sha256     bytea,
	UNIQUE (generation_id, taken_at)
);
CREATE INDEX snapshot_service ON snapshot (service_id, taken_at);

-- Its classes.  Equal name and location make rows of different snapshots comparable.
CREATE TABLE snapshot_class (
	snapshot_id    int8 NOT NULL REFERENCES snapshot ON DELETE CASCADE,
	name           text NOT NULL,
	location       text NOT NULL,             -- "lib/server.js:522:16", '' where it has none
	count          int8 NOT NULL,
	shallow_bytes  int8 NOT NULL,
	retained_bytes int8,                      -- NULL: not computed for this kind
	distance       int4,                      -- NULL: none
	PRIMARY KEY (snapshot_id, name, location)
);

-- A raw file that an admin asked for, as far as it has come over.
CREATE TABLE snapshot_raw (
	snapshot_id int8 PRIMARY KEY REFERENCES snapshot ON DELETE CASCADE,
	state       text NOT NULL CHECK (state IN ('kept', 'pulling', 'complete', 'lost', 'dropped')),
	asked_by    int4 REFERENCES app_user,
	asked_at    timestamptz,
	parts       int4 NOT NULL,                -- of SNAPSHOT_RAW_PART_BYTES, the last shorter
	parts_here  int4 NOT NULL DEFAULT 0,      -- and the number of the part that is wanted next
	sum_state   bytea,                        -- of SHA-256 after those parts
	refused     int4 NOT NULL DEFAULT 0,      -- parts that came damaged
	drop_until  timestamptz,                  -- the host is still to be told to drop it
	text        text NOT NULL DEFAULT ''
);
CREATE INDEX snapshot_raw_orders ON snapshot_raw (snapshot_id)
	WHERE state = 'pulling' OR drop_until IS NOT NULL;

CREATE TABLE snapshot_raw_part (
	snapshot_id int8 NOT NULL REFERENCES snapshot_raw ON DELETE CASCADE,
	number      int4 NOT NULL,
	sealed      bytea NOT NULL,               -- zstd, encrypted with the server's own key
	PRIMARY KEY (snapshot_id, number)
);
ALTER TABLE snapshot_raw_part ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- Whether findings of a service may take snapshots by themselves.
CREATE TABLE snapshot_policy (
	service_id  int4 PRIMARY KEY REFERENCES service,
	enabled     boolean NOT NULL DEFAULT false,
	grown_bytes int8 NOT NULL DEFAULT 52428800,  -- between the first and the second
	with_control boolean NOT NULL DEFAULT true,  -- one of a version that does not leak
	changed_by  int4 REFERENCES app_user,
	changed_at  timestamptz NOT NULL DEFAULT now()
);

-- Captures and snapshots with the names of where they belong.
CREATE VIEW capture_named AS
SELECT c.*, s.name AS service, h.name AS host, f.version, sl.ordinal, g.pid, g.start_ticks,
       ua.name AS asked_by_name, uc.name AS confirmed_by_name,
       s.name || ' on ' || h.name || ', pid ' || g.pid AS subject
FROM capture c
JOIN service s ON s.id = c.service_id
JOIN host h ON h.id = c.host_id
JOIN fingerprint f ON f.id = c.fingerprint_id
JOIN slot sl ON sl.id = c.slot_id
JOIN generation g ON g.id = c.generation_id
LEFT JOIN app_user ua ON ua.id = c.asked_by
LEFT JOIN app_user uc ON uc.id = c.confirmed_by;

CREATE VIEW snapshot_named AS
SELECT n.*, s.name AS service, h.name AS host, f.version, sl.ordinal, g.pid, g.start_ticks,
       c.cause, r.state AS raw_state, r.parts AS raw_parts, r.parts_here AS raw_parts_here,
       r.text AS raw_text,
       s.name || ' on ' || h.name || ', pid ' || g.pid AS subject
FROM snapshot n
JOIN service s ON s.id = n.service_id
JOIN host h ON h.id = n.host_id
JOIN fingerprint f ON f.id = n.fingerprint_id
JOIN slot sl ON sl.id = n.slot_id
JOIN generation g ON g.id = n.generation_id
LEFT JOIN capture c ON c.id = n.capture_id
LEFT JOIN snapshot_raw r ON r.snapshot_id = n.id;
