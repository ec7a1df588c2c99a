-- How long hosts have been seen with processes of versions $1, those on which one grows now
-- left out: of a backlog when $4, else of memory.  Of versions that are inside finding $2 only
-- what came after $3 counts.  For the watch, for each alert that was resolved in a version.
-- By the index of processes by version, some hundreds a host; one row.
WITH growing AS (
	SELECT DISTINCT s.host_id FROM slot_verdict v JOIN slot s ON s.id = v.slot_id
	WHERE v.fingerprint_id = ANY ($1::int4[]) AND v.level <> ''
	  AND (v.kind = 'backlog') = $4::boolean
), held AS (
	SELECT g.host_id, range_agg(tstzrange(b.began_at, GREATEST(g.last_sample_at, b.began_at)))
			AS times, min(b.began_at) AS since
	FROM generation g
	JOIN host h ON h.id = g.host_id
	CROSS JOIN LATERAL (
		SELECT GREATEST(g.started_at, h.first_seen_at, CASE WHEN EXISTS (
			SELECT FROM finding_version v
			WHERE v.finding_id = $2::int8 AND v.fingerprint_id = g.fingerprint_id)
			THEN $3::timestamptz END) AS began_at
	) b
	WHERE g.fingerprint_id = ANY ($1::int4[]) AND g.last_sample_at >= b.began_at
	GROUP BY g.host_id
)
SELECT count(*) AS hosts, min(since) AS since, COALESCE(sum((
	SELECT sum(extract(epoch FROM upper(t) - lower(t)) * 1000) FROM unnest(times) t
)) FILTER (WHERE host_id NOT IN (SELECT host_id FROM growing)), 0)::int8 AS held_ms
FROM held
