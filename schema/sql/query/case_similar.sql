-- Earlier alerts that alert $1 may be like, the likest first: of the same cause, as far as
-- that is one beyond its own service's version, or of the same service.  For GET
-- /alerts/{id}.  By the table, which holds a row for each cause there ever was; at most
-- five rows.
SELECT o.id, o.state, o.resolution, o.opened_at, o.resolved_at, o.resolved_in, f.kind,
	f.service_id, s.name AS service, f.fingerprint_id, p.label AS version, f.cause,
	f.summary, f.rate_kb_h, f.rate_low_kb_h, f.rate_high_kb_h,
	f.service_id = t.service_id AS same_service, c.same_cause,
	COALESCE((SELECT text FROM alert_event
		WHERE alert_id = o.id AND o.state = 'resolved' AND kind IN ('resolved', 'dismissed')
		ORDER BY id DESC LIMIT 1), '') AS ended
FROM alert a
JOIN finding t ON t.id = a.finding_id
JOIN alert o ON o.id <> a.id AND o.opened_at <= a.opened_at
	AND o.merged_into IS DISTINCT FROM a.id AND a.merged_into IS DISTINCT FROM o.id
	AND a.split_from IS DISTINCT FROM o.id
JOIN finding f ON f.id = o.finding_id
JOIN service s ON s.id = f.service_id
JOIN version_label p ON p.id = f.fingerprint_id
CROSS JOIN LATERAL (SELECT f.cause <> '' AND f.cause = t.cause
	AND (f.service_id = t.service_id OR f.cause NOT LIKE 'version %') AS same_cause) c
WHERE a.id = $1::int8 AND (c.same_cause OR f.service_id = t.service_id)
ORDER BY c.same_cause DESC, f.service_id = t.service_id DESC, o.opened_at DESC, o.id DESC
LIMIT 5
