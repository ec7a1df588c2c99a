-- Alert $1, locked for a step: what the step asks about, all of it as it is before,
-- and whether it is tied to alerts of services that the asker does not see.  For the steps of
-- people.  By primary keys; at most one row.
SELECT a.state, a.resolution, a.revision, a.resolved_in, to_jsonb(a)::text AS before,
	f.service_id, s.name AS service, p.label AS version, alert_beyond(a.id) AS beyond
FROM alert a
JOIN finding f ON f.id = a.finding_id
JOIN service s ON s.id = f.service_id
JOIN version_label p ON p.id = f.fingerprint_id
WHERE a.id = $1::int8
FOR UPDATE OF a
