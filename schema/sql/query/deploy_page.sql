-- Deploys of service $1 in [$2, $3] and of origin $4 (NULL: any), the newest first, behind
-- (at, id) = ($5, $6), from the start when $6 is NULL; at most $7 rows.  For GET
-- /services/{id}/deploys and the marks of GET /series.  By (service_id, at).
SELECT d.id, d.service_id, s.name AS service, d.at, d.origin, d.kind,
	COALESCE(l.label, d.version) AS version, d.note, d.actor, d.fingerprint_id, d.created_at
FROM deploy d
JOIN service s ON s.id = d.service_id
LEFT JOIN version_label l ON l.id = d.fingerprint_id
WHERE d.service_id = $1::int4 AND d.at BETWEEN $2::timestamptz AND $3::timestamptz
  AND ($4::text IS NULL OR d.origin = $4::text)
  AND ($6::int8 IS NULL OR (d.at, d.id) < ($5::timestamptz, $6::int8))
ORDER BY d.at DESC, d.id DESC
LIMIT $7::int4
