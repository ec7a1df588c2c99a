-- Alert $1 with its finding at $2, with the columns of alert_page.  For GET /alerts/{id}.  By
-- primary keys; at most one row.
SELECT a.id AS alert_id, a.state, a.opened_at, a.reopened, a.acknowledged_at,
	ua.name AS acknowledged_by, a.resolved_at, ur.name AS resolved_by,
	a.resolution, a.revision,
	alert_inbox(a.state, a.escalated_at, a.regressed_at) AS inbox, uo.name AS owner,
	a.acknowledged_until, a.archived_at, ux.name AS archived_by, a.archive_until,
	a.archive_above_kb_h, a.archive_above_hosts, a.escalated_at, a.regressed_at,
	a.resolved_in, a.verify_state, a.verify_ms, a.verify_needed_h, a.verify_hosts,
	a.verify_since, a.verified_at, a.merged_into, a.split_from,
	ARRAY(SELECT id FROM alert WHERE merged_into = a.id ORDER BY id) AS merged,
	CASE WHEN EXISTS (SELECT FROM silence WHERE ended_at IS NULL)
		THEN finding_silenced_until(f.id, $2::timestamptz) END AS silenced_until,
	f.*, s.name AS service, p.label AS version, i.version_ids, i.versions,
	COALESCE(a.silent_at, q.silent_since) AS silent_since
FROM alert a
JOIN finding f ON f.id = a.finding_id
JOIN service s ON s.id = f.service_id
JOIN version_label p ON p.id = f.fingerprint_id
CROSS JOIN LATERAL (
	SELECT COALESCE(array_agg(v.id::int8 ORDER BY v.first_seen_at, v.id), '{}') AS version_ids,
		COALESCE(jsonb_agg(jsonb_build_object('id', v.id, 'version', v.label)
			ORDER BY v.first_seen_at, v.id), '[]') AS versions
	FROM finding_version fv JOIN version_label v ON v.id = fv.fingerprint_id
	WHERE fv.finding_id = f.id
) i
CROSS JOIN LATERAL (
	SELECT CASE WHEN f.active THEN finding_silent_since(f.id, i.version_ids) END
		AS silent_since
) q
LEFT JOIN app_user ua ON ua.id = a.acknowledged_by
LEFT JOIN app_user ur ON ur.id = a.resolved_by
LEFT JOIN app_user uo ON uo.id = a.owner_id
LEFT JOIN app_user ux ON ux.id = a.archived_by
WHERE a.id = $1::int8
