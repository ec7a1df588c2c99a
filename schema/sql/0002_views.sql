-- Readings that several questions of the API share.

-- How bad a verdict is, for "worst first".
CREATE FUNCTION verdict_rank(verdict text) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE verdict WHEN 'leak' THEN 5 WHEN 'watch' THEN 4 WHEN 'step' THEN 3
		WHEN 'warmup' THEN 2 WHEN 'learning' THEN 1 ELSE 0 END
$$;

-- Every seat with its newest process.  read_at is when the process was last read, by
-- the server's clock: the agent's clock may be wrong, but it is the same clock for the
-- process's and for the agent's newest sample.  NULL when the host's agent is revoked.
CREATE VIEW slot_now AS
SELECT s.id AS slot_id, s.service_id, s.host_id, s.ordinal,
       h.name AS host, h.interval_ms,
       g.id AS generation_id, g.fingerprint_id, g.pid, g.command, g.rule,
       g.started_at, g.last_sample_at,
       a.last_sample_at - g.last_sample_at AS behind,
       a.last_seen_at - (a.last_sample_at - g.last_sample_at) AS read_at
FROM slot s
JOIN host h ON h.id = s.host_id
JOIN LATERAL (
	SELECT * FROM generation
	WHERE slot_id = s.id
	ORDER BY started_at DESC, id DESC
	LIMIT 1
) g ON true
LEFT JOIN LATERAL (
	SELECT last_seen_at, last_sample_at FROM agent
	WHERE host_id = s.host_id AND revoked_at IS NULL
	ORDER BY last_seen_at DESC NULLS LAST
	LIMIT 1
) a ON true;

-- Whether a process read at read_at still runs.  generation.last_sample_at moves on at
-- least once a minute; three intervals may be late.
CREATE FUNCTION slot_runs(read_at timestamptz, interval_ms int4, now_at timestamptz)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT COALESCE(read_at > now_at - interval '1 minute'
		- 3 * interval_ms * interval '1 millisecond', false)
$$;

-- The services that a reader has in mind at now_at: read within a day, and not those
-- whose every process ended while their agents went on (a build, a test, a job of the
-- night), unless an alert on them is still being worked on.
CREATE FUNCTION services_present(now_at timestamptz)
RETURNS TABLE (service_id int4) LANGUAGE sql STABLE AS $$
	SELECT n.service_id FROM slot_now n
	WHERE n.read_at > now_at - interval '1 day'
	  AND n.behind <= interval '1 minute' + 3 * n.interval_ms * interval '1 millisecond'
	UNION
	SELECT f.service_id FROM alert a JOIN finding f ON f.id = a.finding_id
	WHERE a.state IN ('open', 'acknowledged')
$$;

-- An agent counts as reporting for three intervals, at least 30 s, after it was heard.
CREATE FUNCTION agent_reports(seen_at timestamptz, interval_ms int4, now_at timestamptz)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT COALESCE(seen_at >= now_at
		- GREATEST(30000, 3 * interval_ms) * interval '1 millisecond', false)
$$;

-- What the detector says at now_at: versions that left its window, and all of them when
-- it does not run, keep their last row, which no longer counts.
CREATE FUNCTION version_now(now_at timestamptz)
RETURNS SETOF version_verdict LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT * FROM version_verdict WHERE at > now_at - interval '15 minutes'
$$;
