-- Which versions of which services have package $2, in version $3 (NULL: any), at $1, by
-- package version, service and newest first, behind (version, fingerprint) = ($4, $5), from
-- the start when $5 is NULL; at most $6 rows.  For GET /packages and tidemark-server
-- package.  Packages by their name, contents by the package, the rest by its indexes.
WITH chosen AS (
	SELECT p.name, p.version, f.*
	FROM package p
	JOIN content_package cp ON cp.package_id = p.id
	JOIN content c ON c.id = cp.content_id
	JOIN (SELECT id AS fingerprint_id, service_id, label, hash, first_seen_at
		FROM version_label) f ON f.hash = c.hash
	WHERE p.name = $2::text AND ($3::text IS NULL OR p.version = $3::text)
	  AND ($5::int4 IS NULL OR (p.version, f.fingerprint_id) > ($4::text, $5::int4))
	ORDER BY p.version, f.fingerprint_id
	LIMIT $6::int4
)
SELECT f.name, f.version, f.service_id, s.name AS service, f.fingerprint_id,
	f.label AS service_version, f.first_seen_at, g.last_seen_at,
	to_jsonb(COALESCE(g.hosts, '{}')) AS hosts,
	to_jsonb(COALESCE(n.hosts, '{}')) AS hosts_now, COALESCE(n.running, 0) AS running
FROM chosen f
JOIN service s ON s.id = f.service_id
LEFT JOIN LATERAL (
	SELECT array_agg(DISTINCT h.name ORDER BY h.name) AS hosts,
		max(g.last_sample_at) AS last_seen_at
	FROM generation g JOIN host h ON h.id = g.host_id
	WHERE g.fingerprint_id = f.fingerprint_id
) g ON true
LEFT JOIN (
	SELECT fingerprint_id, count(*) AS running, array_agg(DISTINCT host ORDER BY host) AS hosts
	FROM slot_now
	WHERE service_id IN (SELECT service_id FROM chosen)
	  AND slot_runs(read_at, interval_ms, $1::timestamptz)
	GROUP BY fingerprint_id
) n ON n.fingerprint_id = f.fingerprint_id
ORDER BY f.version, f.fingerprint_id
