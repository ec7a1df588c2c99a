-- Versions $1, and when the first process of each began.  For the watch, once for each
-- version.  By primary keys, generations by their version.
SELECT f.id, f.service_id, s.name AS service, f.version, f.runtime,
	(SELECT min(started_at) FROM generation WHERE fingerprint_id = f.id) AS first_at,
	EXISTS (SELECT FROM fingerprint o
		WHERE o.service_id = f.service_id AND o.id < f.id) AS has_former
FROM fingerprint f
JOIN service s ON s.id = f.service_id
WHERE f.id = ANY ($1::int4[])
ORDER BY f.id
