-- Counts anew what is inside findings $1, after seats went from one to the other.  For POST
-- /alerts/{id}/split.  By the primary keys; a row a finding.
UPDATE finding f SET slots = GREATEST(n.seats, f.slots - COALESCE(g.seats, 0)),
	slots_leaking = n.seats, hosts_leaking = n.hosts, hosts = GREATEST(n.hosts, f.hosts),
	rate_kb_h = n.rate, rate_low_kb_h = CASE WHEN f.rate_low_kb_h <= n.rate
		THEN f.rate_low_kb_h END, rate_high_kb_h = CASE WHEN f.rate_high_kb_h >= n.rate
		THEN f.rate_high_kb_h END
FROM (
	SELECT i.finding_id, count(*) AS seats, count(DISTINCT s.host_id) AS hosts,
		avg(i.rate_kb_h) AS rate
	FROM finding_slot i JOIN slot s ON s.id = i.slot_id
	WHERE i.finding_id = ANY ($1::int8[])
	GROUP BY i.finding_id
) n
LEFT JOIN LATERAL (
	SELECT count(*) AS seats FROM finding_slot i
	WHERE i.finding_id = ANY ($1::int8[]) AND i.finding_id <> n.finding_id
) g ON true
WHERE f.id = n.finding_id
