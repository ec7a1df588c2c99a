-- Active and confirmed findings of services whose snapshot policy is on, without those
-- whose alert is resolved; when a policy's question was last refused, and whether the
-- audit says that the finding must be left.  For the watch.  By the keys of snapshot_policy,
-- which holds a row for each service that ever had one; audit by its service.
SELECT f.id, f.service_id, s.name AS service, f.fingerprint_id, v.label AS version, p.grown_bytes,
	p.with_control,
	(SELECT max(at) FROM audit a WHERE a.service_id = f.service_id
		AND a.actor = 'policy' AND a.action = 'snapshot.refused') AS refused_at,
	EXISTS (SELECT FROM audit a WHERE a.service_id = f.service_id
		AND a.action = 'policy.skipped'
		AND a.detail LIKE 'finding ' || f.id || ':%') AS is_skip_noted
FROM snapshot_policy p
JOIN finding f ON f.service_id = p.service_id AND f.active AND f.level = 'confirmed'
	AND f.kind IN ('leak', 'native', 'version')
JOIN service s ON s.id = f.service_id
JOIN version_label v ON v.id = f.fingerprint_id
WHERE p.enabled
  AND NOT EXISTS (SELECT FROM alert WHERE finding_id = f.id AND state = 'resolved')
ORDER BY f.service_id, f.id
