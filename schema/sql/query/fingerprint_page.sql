-- Versions with what they consist of, at $1, the newest first: of service $2 (NULL: any) or
-- those of ids $3 (NULL: any), behind (first_seen_at, id) = ($4, $5), from the start when $5
-- is NULL; at most $6 rows.  For GET /services/{id}/fingerprints, /fingerprints/{id} and
-- /fingerprints/diff.  Fingerprints by their service or primary keys, generations by their
-- fingerprint.
WITH chosen AS (
	SELECT * FROM version_label l
	WHERE EXISTS (SELECT FROM generation WHERE fingerprint_id = l.id)
	  AND ($2::int4 IS NULL OR service_id = $2::int4)
	  AND ($3::int4[] IS NULL OR id = ANY ($3::int4[]))
	  AND ($5::int4 IS NULL OR (first_seen_at, id) < ($4::timestamptz, $5::int4))
	ORDER BY first_seen_at DESC, id DESC
	LIMIT $6::int4
)
SELECT f.id, f.service_id, s.name AS service, f.version, f.label, f.runtime AS told_runtime,
	f.hash, c.id IS NOT NULL AS known, COALESCE(c.app, '') AS app,
	COALESCE(c.app_version, '') AS app_version, COALESCE(c.git_head, '') AS git_head,
	COALESCE(c.build_id, '') AS build_id, COALESCE(c.image, '') AS image,
	COALESCE(NULLIF(c.runtime, ''), split_part(f.runtime, ' ', 1)) AS runtime,
	COALESCE(NULLIF(c.runtime_version, ''),
		CASE WHEN f.runtime LIKE '% %' THEN split_part(f.runtime, ' ', 2) ELSE '' END)
		AS runtime_version,
	COALESCE(c.source, '') AS source, COALESCE(c.is_cut, false) AS is_cut,
	to_jsonb(COALESCE(c.environment, '{}')) AS environment,
	to_jsonb(COALESCE(c.remarks, '{}')) AS remarks,
	CASE WHEN c.id IS NOT NULL THEN (SELECT count(*) FROM content_package p
		WHERE p.content_id = c.id) END AS packages,
	f.first_seen_at, g.last_seen_at, COALESCE(g.hosts, 0) AS hosts,
	COALESCE(n.instances, 0) AS instances
FROM chosen f
JOIN service s ON s.id = f.service_id
LEFT JOIN content c ON c.hash = f.hash AND f.hash <> ''
LEFT JOIN LATERAL (
	SELECT count(DISTINCT host_id) AS hosts, max(last_sample_at) AS last_seen_at
	FROM generation WHERE fingerprint_id = f.id
) g ON true
LEFT JOIN (
	SELECT fingerprint_id, count(*) AS instances
	FROM slot_now
	WHERE service_id IN (SELECT service_id FROM chosen)
	  AND slot_runs(read_at, interval_ms, $1::timestamptz)
	GROUP BY fingerprint_id
) n ON n.fingerprint_id = f.id
ORDER BY f.first_seen_at DESC, f.id DESC
