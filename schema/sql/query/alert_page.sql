-- Alerts with their findings at $6, the newest first, behind (opened_at, id) = ($3, $4), from
-- the start when $4 is NULL; at most $5 rows; not those inside others.  NULL is any: in the
-- states $1, of service $2, in the inboxes $7, of services like $8, of kinds $9, of owners $10
-- ('' nobody), with versions like $11 or hosts like $12 inside, with a cause that has one of
-- $13 in it and words that have all of $14.  For GET /alerts.  By the table, which holds a row
-- for each cause there ever was.
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
		THEN finding_silenced_until(f.id, $6::timestamptz) END AS silenced_until,
	f.*, s.name AS service, p.label AS version, i.version_ids, i.versions,
	COALESCE(a.silent_at, q.silent_since) AS silent_since
FROM (
	SELECT a.* FROM alert a
	JOIN finding f ON f.id = a.finding_id
	JOIN service s ON s.id = f.service_id
	LEFT JOIN app_user o ON o.id = a.owner_id
	WHERE a.merged_into IS NULL
	  AND ($1::text[] IS NULL OR a.state = ANY ($1::text[]))
	  AND ($2::int4 IS NULL OR f.service_id = $2::int4)
	  AND ($4::int8 IS NULL
		OR (date_trunc('milliseconds', a.opened_at), a.id) < ($3::timestamptz, $4::int8))
	  AND ($7::text[] IS NULL
		OR alert_inbox(a.state, a.escalated_at, a.regressed_at) = ANY ($7::text[]))
	  AND ($8::text[] IS NULL
		OR s.name ILIKE ANY (SELECT name_pattern(g) FROM unnest($8::text[]) g))
	  AND ($9::text[] IS NULL OR f.kind = ANY ($9::text[]))
	  AND ($10::text[] IS NULL OR COALESCE(o.name, '') = ANY ($10::text[]))
	  AND ($11::text[] IS NULL OR EXISTS (
		SELECT FROM finding_version fv JOIN version_label v ON v.id = fv.fingerprint_id,
			unnest($11::text[]) g
		WHERE fv.finding_id = f.id
		  AND (v.label ILIKE name_pattern(g) OR v.version ILIKE name_pattern(g))))
	  AND ($12::text[] IS NULL OR EXISTS (
		SELECT FROM finding_slot fs JOIN slot t ON t.id = fs.slot_id
			JOIN host h ON h.id = t.host_id, unnest($12::text[]) g
		WHERE fs.finding_id = f.id AND h.name ILIKE name_pattern(g)))
	  AND ($13::text[] IS NULL
		OR f.cause ILIKE ANY (SELECT name_pattern('*' || g || '*') FROM unnest($13::text[]) g))
	  AND ($14::text[] IS NULL OR NOT EXISTS (
		SELECT FROM unnest($14::text[]) g
		WHERE strpos(lower(concat_ws(' ', s.name, f.cause, f.summary, a.resolved_in, o.name)),
			lower(g)) = 0))
	ORDER BY date_trunc('milliseconds', a.opened_at) DESC, a.id DESC
	LIMIT $5::int4
) a
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
ORDER BY date_trunc('milliseconds', a.opened_at) DESC, a.id DESC
