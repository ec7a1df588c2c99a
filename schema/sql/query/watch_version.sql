-- Versions $1 with what they consist of beside packages, and when the first process of each
-- began.  One that only says what the one before consists of is no other version.  For the
-- watch, for new versions and those of their services.  By primary keys, generations by
-- their version.
SELECT f.id, f.service_id, s.name AS service, f.version, f.label, f.runtime,
	f.hash <> '' AS has_hash, c.id IS NOT NULL AS has_content,
	COALESCE(c.app_version, '') AS app_version,
	COALESCE(c.runtime_version, '') AS runtime_version, COALESCE(c.image, '') AS image,
	COALESCE(c.git_head, '') AS git_head, COALESCE(c.build_id, '') AS build_id,
	(SELECT min(started_at) FROM generation WHERE fingerprint_id = f.id) AS first_at,
	EXISTS (SELECT FROM fingerprint o
		WHERE o.service_id = f.service_id AND o.id < f.id
		  AND EXISTS (SELECT FROM generation WHERE fingerprint_id = o.id)
		  AND (o.version, o.runtime, o.hash) <> (f.version, f.runtime, '')) AS has_former
FROM version_label f
JOIN service s ON s.id = f.service_id
LEFT JOIN content c ON c.hash = f.hash AND f.hash <> ''
WHERE f.id = ANY ($1::int4[])
ORDER BY f.service_id, f.id
