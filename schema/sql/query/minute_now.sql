-- How storing goes at $1: each collector's last whole minute, or the one that it is in when
-- it has no other.  For GET /storage and /metrics; by primary key, some rows.
SELECT DISTINCT ON (collector) collector, readings, commits, commit_us, longest_us,
	newest_us,
	CASE WHEN at < date_trunc('minute', $1::timestamptz) THEN 60000
		ELSE GREATEST(1000, extract(epoch FROM $1::timestamptz - at) * 1000) END::int8
		AS span_ms
FROM (
	SELECT m.*, first_value(last_us) OVER (PARTITION BY collector ORDER BY at DESC)
		AS newest_us
	FROM ingest_minute m
	WHERE at >= date_trunc('minute', $1::timestamptz) - interval '1 minute'
	  AND at <= $1::timestamptz
) m
ORDER BY collector, at
LIMIT 1000
