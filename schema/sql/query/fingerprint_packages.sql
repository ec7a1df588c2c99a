-- The packages of version $1 whose "name@version" has $2 in it (NULL: all), by name and
-- version, behind ($3, $4), from the start when $3 is NULL; at most $5 rows.  For GET
-- /fingerprints/{id}.  By the content's packages, at most 20,000.
SELECT p.name, p.version
FROM fingerprint f
JOIN content c ON c.hash = f.hash AND f.hash <> ''
JOIN content_package cp ON cp.content_id = c.id
JOIN package p ON p.id = cp.package_id
WHERE f.id = $1::int4
  AND ($2::text IS NULL OR strpos(lower(p.name || '@' || p.version), lower($2::text)) > 0)
  AND ($3::text IS NULL OR (p.name, p.version) > ($3::text, $4::text))
ORDER BY p.name, p.version
LIMIT $5::int4
