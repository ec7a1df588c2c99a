-- Alerts that were resolved in a version of which is not known yet whether it holds.  For the
-- watch, each turn.  By the index on those; a row each.
SELECT a.id, a.finding_id, f.service_id, f.kind, a.resolved_in, a.resolved_at, a.verify_state,
	a.verify_ms, a.verify_needed_h, a.verify_hosts
FROM alert a
JOIN finding f ON f.id = a.finding_id
WHERE a.verify_state IN ('waiting', 'running') AND a.state = 'resolved'
ORDER BY a.id
