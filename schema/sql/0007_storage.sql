-- Readings grow cold: hot rows of hours, segments of five minutes, chunks of a day, and
-- rollups that outlive them.  Nothing here refers to the dictionaries (host, service, slot,
-- generation): readings of a host may live in another database than those.

-- How far the stream of readings has come; one row.  Each time is a bound: what is older
-- than it has gone on.  closed_to >= compacted_to >= sealed_to.
CREATE TABLE storage (
	one          boolean PRIMARY KEY DEFAULT true CHECK (one),
	closed_to    timestamptz,  -- ingest writes older readings into the late tables; NULL:
	                           -- nothing was stored yet
	compacted_to timestamptz,  -- hot rows before it are in segments too
	sealed_to    timestamptz   -- days before it are in chunks, and have no segments
);
INSERT INTO storage (closed_to, compacted_to, sealed_to)
SELECT first_at, first_at, date_trunc('day', first_at, 'UTC')
FROM (SELECT date_bin('5 minutes', LEAST(
		(SELECT min(at) FROM sample), (SELECT min(at) FROM host_sample)),
		timestamptz '2000-01-01 00:00+00') AS first_at) f;

-- For ingest, in its transaction: keeps the bound where it is until that ends, and tells
-- it.  The lock first, then a statement of its own, which sees what was committed while
-- the lock was waited for.  $1: STORAGE_LOCK of server/store/storage_lock.h, which whoever
-- moves the bound takes for itself.
CREATE FUNCTION storage_hold(lock int8) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	bound timestamptz;
BEGIN
	PERFORM pg_advisory_xact_lock_shared(lock);
	SELECT closed_to INTO bound FROM storage;
	RETURN bound;
END $$;

-- The partitions of a table that has them by time; each holds [from_at, to_at).
CREATE FUNCTION partition_list(parent text)
RETURNS TABLE (child text, from_at timestamptz, to_at timestamptz)
LANGUAGE sql STABLE AS $$
	SELECT c.relname::text, b[1]::timestamptz, b[2]::timestamptz
	FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid,
	     regexp_match(pg_get_expr(c.relpartbound, c.oid),
		'FROM \(''(.*)''\) TO \(''(.*)''\)') AS b
	WHERE i.inhparent = parent::regclass
$$;

-- Makes the partition [from_at, to_at) of `parent` if nothing of that time has a place.
-- A table that is made first and attached then disturbs neither readers nor writers of
-- the parent; the advisory lock keeps two makers apart.
CREATE FUNCTION partition_attach(parent text, child text, from_at timestamptz,
	to_at timestamptz, options text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
	IF to_regclass(child) IS NOT NULL THEN
		RETURN false;
	END IF;
	PERFORM pg_advisory_xact_lock(hashtext('partition_make'));
	-- Asked of the table itself: to_regclass may still remember that there was none.
	PERFORM FROM partition_list(parent) AS p
	WHERE p.from_at < partition_attach.to_at AND p.to_at > partition_attach.from_at;
	IF FOUND THEN
		RETURN false;
	END IF;
	EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING STORAGE) %s', child, parent,
		options);
	EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
		parent, child, from_at, to_at);
	RETURN true;
END $$;

-- A UTC day: "chunk_20261122".
CREATE OR REPLACE FUNCTION partition_make(parent text, day date) RETURNS boolean
LANGUAGE sql AS $$
	SELECT partition_attach(parent, format('%s_%s', parent, to_char(day, 'YYYYMMDD')),
		day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC', '')
$$;

-- An hour: "sample_2026112209".  It lives for hours and is never changed, so vacuum has
-- nothing to do there.
CREATE FUNCTION partition_make_hour(parent text, at timestamptz) RETURNS boolean
LANGUAGE sql AS $$
	SELECT partition_attach(parent,
		format('%s_%s', parent, to_char(at AT TIME ZONE 'UTC', 'YYYYMMDDHH24')),
		date_trunc('hour', at, 'UTC'), date_trunc('hour', at, 'UTC') + interval '1 hour',
		'WITH (autovacuum_enabled = off)')
$$;

-- A UTC month: "slot_rollup_202611".
CREATE FUNCTION partition_make_month(parent text, at timestamptz) RETURNS boolean
LANGUAGE sql AS $$
	SELECT partition_attach(parent,
		format('%s_%s', parent, to_char(at AT TIME ZONE 'UTC', 'YYYYMM')),
		date_trunc('month', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC',
		(date_trunc('month', at AT TIME ZONE 'UTC') + interval '1 month')
		AT TIME ZONE 'UTC', '')
$$;

-- Drops the oldest partition of `parent`, if it ends at `before` or earlier.  Whoever
-- waits for a table's lock makes all others wait behind: it gives up soon, to be asked
-- again.
CREATE FUNCTION partition_drop(parent text, before timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
	oldest record;
BEGIN
	SELECT * INTO oldest FROM partition_list(parent) ORDER BY from_at LIMIT 1;
	IF NOT FOUND OR oldest.to_at > before THEN
		RETURN false;
	END IF;
	PERFORM set_config('lock_timeout', '200ms', true);
	EXECUTE format('DROP TABLE %I', oldest.child);
	RETURN true;
END $$;
DROP FUNCTION partition_drop_before(text, date);

-- The begin of the first five minutes in [from_at, to_at) of which there are hot rows.
-- Partition by partition, oldest first: the first that has any is the last to be looked at.
CREATE FUNCTION storage_first(from_at timestamptz, to_at timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
	p record;
	first_at timestamptz;
	found_at timestamptz;
BEGIN
	FOR p IN
		SELECT l.child, l.from_at FROM unnest(ARRAY['sample', 'host_sample']) AS parent
		CROSS JOIN partition_list(parent) AS l
		WHERE (storage_first.from_at IS NULL OR l.to_at > storage_first.from_at)
		  AND (storage_first.to_at IS NULL OR l.from_at < storage_first.to_at)
		ORDER BY l.from_at
	LOOP
		EXIT WHEN first_at <= p.from_at;
		EXECUTE format('SELECT min(at) FROM %I WHERE at >= $1 AND at < $2', p.child)
		INTO found_at USING coalesce(from_at, '-infinity'), coalesce(to_at, 'infinity');
		first_at := LEAST(first_at, found_at);
	END LOOP;
	RETURN date_bin('5 minutes', first_at, timestamptz '2000-01-01 00:00+00');
END $$;

-- Moves closed_to on.  The first time the other bounds begin at the oldest reading; while
-- there is none before to_at, nothing begins.
CREATE FUNCTION storage_close(to_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	first_at timestamptz;
BEGIN
	UPDATE storage SET closed_to = to_at WHERE closed_to < to_at;
	IF FOUND OR EXISTS (SELECT FROM storage WHERE closed_to IS NOT NULL) THEN
		RETURN;
	END IF;
	first_at := storage_first(NULL, to_at);
	UPDATE storage SET closed_to = to_at, compacted_to = first_at,
	       sealed_to = date_trunc('day', first_at, 'UTC')
	WHERE first_at IS NOT NULL;
END $$;

-- Hot rows are asked for by time, and by time and some processes: those of one are in one of
-- many places of each tick.  Ranges are small, and known as soon as partitions_summarize was
-- there.  (200 hosts of 20 processes, the last nine minutes of one: 3 ms instead of 30.)
DROP INDEX sample_at;
CREATE INDEX sample_at ON sample USING brin (at, generation_id int4_bloom_ops)
	WITH (pages_per_range = 4);

-- Readings that came after their five minutes were closed.  They wait here until their day
-- is sealed, or, when it is already, until they are merged into its chunks.
CREATE TABLE sample_late (LIKE sample);
CREATE INDEX sample_late_life ON sample_late (generation_id, at);
CREATE INDEX sample_late_at ON sample_late USING brin (at);
CREATE TABLE host_sample_late (LIKE host_sample);
CREATE INDEX host_sample_late_host ON host_sample_late (host_id, at);

-- Five minutes of one metric of the processes of a service on a block of hosts, or of the
-- hosts of a block: server/history/segment.h.
CREATE TABLE segment (
	at         timestamptz NOT NULL,  -- begin of the five minutes
	service_id int4 NOT NULL,         -- 0: readings of the hosts themselves
	block      int4 NOT NULL,         -- host_id / 128
	metric     int2 NOT NULL,         -- its number in metric.def; -1: the times
	data       bytea NOT NULL
) PARTITION BY RANGE (at);            -- a day each
CREATE INDEX segment_key ON segment (service_id, block, metric, at);
ALTER TABLE segment ALTER COLUMN data SET STORAGE EXTERNAL;

-- One UTC day of one metric of one process or host: server/history/column.h.
CREATE TABLE chunk (
	at      timestamptz NOT NULL,     -- begin of the day
	subject int4 NOT NULL,            -- a generation; below 0: the host of that number
	metric  int2 NOT NULL,            -- -1: the times
	data    bytea NOT NULL,           -- the column is data and rest, one after the other:
	rest    bytea NOT NULL DEFAULT '' -- see server/store/chunks.h
) PARTITION BY RANGE (at);            -- a day each
CREATE UNIQUE INDEX chunk_key ON chunk (subject, metric, at);
ALTER TABLE chunk ALTER COLUMN data SET STORAGE EXTERNAL, ALTER COLUMN rest SET STORAGE PLAIN;

-- The hours of one UTC day of one metric of a seat, all its processes together; element 1
-- is the hour from midnight.  Metrics of rollup.def; of a counter the increases.
-- Written when the day is sealed, and again when late readings join it.
CREATE TABLE slot_rollup (
	at      timestamptz NOT NULL,     -- begin of the day
	slot_id int4 NOT NULL,
	metric  int2 NOT NULL,
	n       int4[] NOT NULL,          -- readings; of a counter the seconds they span
	sum     int8[] NOT NULL,
	low     int8[] NOT NULL,
	high    int8[] NOT NULL,
	last    int8[] NOT NULL
) PARTITION BY RANGE (at);            -- a month each
CREATE UNIQUE INDEX slot_rollup_key ON slot_rollup (slot_id, metric, at);

-- One metric of all instances of one version of a service: of each instance its greatest
-- reading in the step, of a counter its increase per hour.  Steps of five minutes are
-- written when they are compacted, steps of an hour when the day is sealed.
CREATE TABLE version_rollup (
	at             timestamptz NOT NULL,
	step_s         int4 NOT NULL,     -- 300 or 3600
	service_id     int4 NOT NULL,
	fingerprint_id int4 NOT NULL,
	metric         int2 NOT NULL,
	n              int4 NOT NULL,     -- instances
	sum            int8 NOT NULL,
	low            int8 NOT NULL,
	high           int8 NOT NULL,
	sketch         bytea NOT NULL     -- server/history/sketch.h
) PARTITION BY LIST (step_s);
CREATE TABLE version_rollup_300 PARTITION OF version_rollup FOR VALUES IN (300)
	PARTITION BY RANGE (at);          -- a day each
CREATE TABLE version_rollup_3600 PARTITION OF version_rollup FOR VALUES IN (3600)
	PARTITION BY RANGE (at);          -- a month each
CREATE INDEX version_rollup_key ON version_rollup (service_id, metric, at);
