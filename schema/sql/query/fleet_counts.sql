-- The fleet in figures at $1.  For GET /fleet.  Agents, alerts, findings and verdicts by
-- their tables, seats by one look at the newest process of each.  One row.
SELECT a.total, a.reporting, a.hosts, al.*, s.instances, f.watch,
	f.confirmed, q.silent
FROM (
	SELECT count(*) AS total, count(DISTINCT g.host_id) AS hosts,
		count(*) FILTER (WHERE agent_reports(g.last_seen_at, h.interval_ms,
			$1::timestamptz)) AS reporting
	FROM agent g JOIN host h ON h.id = g.host_id
	WHERE g.revoked_at IS NULL
) a, (
	SELECT count(*) FILTER (WHERE state = 'open') AS open,
		count(*) FILTER (WHERE inbox = 'new') AS new,
		count(*) FILTER (WHERE inbox = 'escalating') AS escalating,
		count(*) FILTER (WHERE inbox = 'regressed') AS regressed,
		count(*) FILTER (WHERE inbox = 'acknowledged') AS acknowledged,
		count(*) FILTER (WHERE inbox = 'archived') AS archived,
		count(*) FILTER (WHERE inbox = 'resolved') AS resolved
	FROM (
		SELECT state, alert_inbox(state, escalated_at, regressed_at) AS inbox FROM alert
		WHERE merged_into IS NULL
	) inbox
) al, (
	SELECT count(*) AS instances FROM slot_now
	WHERE slot_runs(read_at, interval_ms, $1::timestamptz)
) s, (
	SELECT count(*) FILTER (WHERE level = 'watch') AS watch,
		count(*) FILTER (WHERE level = 'confirmed') AS confirmed
	FROM finding WHERE active
) f, (
	SELECT count(*) AS silent
	FROM slot_verdict v JOIN slot_now n ON n.slot_id = v.slot_id
	WHERE v.silent AND NOT slot_ended(n.behind, n.interval_ms)
	  AND n.read_at > $1::timestamptz - interval '1 day'
) q
