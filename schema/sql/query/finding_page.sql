-- Findings, the newest first, behind id $3 (NULL: from the start); $1 filters by service,
-- $2 by whether they are active, $5 by level, $6 by kind (NULL: all); at most $4 rows.  For
-- GET /findings.  By the primary key, backwards; what is inside by the keys.
SELECT f.*, s.name AS service, p.label AS version, i.version_ids, i.versions, q.silent_since
FROM finding f
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
WHERE ($1::int4 IS NULL OR f.service_id = $1::int4)
  AND ($2::boolean IS NULL OR f.active = $2::boolean)
  AND ($3::int8 IS NULL OR f.id < $3::int8)
  AND ($5::text[] IS NULL OR f.level = ANY ($5::text[]))
  AND ($6::text[] IS NULL OR f.kind = ANY ($6::text[]))
ORDER BY f.id DESC
LIMIT $4::int4
