-- The packages in which versions $1 and $2 differ, by name, each with its versions on both
-- sides; at most $3 rows.  For GET /fingerprints/diff.  By the contents' packages, at most
-- 20,000 a side.
WITH had AS (
	SELECT f.id, p.name, array_agg(p.version ORDER BY p.version) AS versions
	FROM fingerprint f
	JOIN content c ON c.hash = f.hash AND f.hash <> ''
	JOIN content_package cp ON cp.content_id = c.id
	JOIN package p ON p.id = cp.package_id
	WHERE f.id IN ($1::int4, $2::int4)
	GROUP BY f.id, p.name
)
SELECT name, to_jsonb(a.versions) AS from_versions, to_jsonb(b.versions) AS to_versions
FROM (SELECT * FROM had WHERE id = $1::int4) a
FULL JOIN (SELECT * FROM had WHERE id = $2::int4) b USING (name)
WHERE a.versions IS DISTINCT FROM b.versions
ORDER BY name
LIMIT $3::int4
