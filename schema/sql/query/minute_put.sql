-- Adds to the row of a minute ($1) and a collector ($2).  For ingest, every five seconds;
-- by primary key.  $8, the first of a minute: how far the agents are behind is looked up
-- too, by the whole table of agents.
INSERT INTO ingest_minute AS m (at, collector, readings, commits, commit_us, longest_us,
	last_us, backlog_bytes, lag_ms)
SELECT date_trunc('minute', $1::timestamptz), $2::text, $3::int8, $4::int8, $5::int8,
	$6::int8, $7::int8, COALESCE(b.backlog, 0), b.lag_ms
FROM (VALUES (1)) one (x)
LEFT JOIN LATERAL (
	SELECT sum(a.spool_bytes)::int8 AS backlog,
		(extract(epoch FROM max(GREATEST(a.last_seen_at - a.last_sample_at,
			interval '0')) FILTER (WHERE agent_reports(a.last_seen_at,
			h.interval_ms, $1::timestamptz))) * 1000)::int8 AS lag_ms
	FROM agent a JOIN host h ON h.id = a.host_id
	WHERE a.revoked_at IS NULL
) b ON $8::boolean
ON CONFLICT (at, collector) DO UPDATE SET
	readings   = m.readings + excluded.readings,
	commits    = m.commits + excluded.commits,
	commit_us  = m.commit_us + excluded.commit_us,
	longest_us = GREATEST(m.longest_us, excluded.longest_us),
	last_us    = excluded.last_us
