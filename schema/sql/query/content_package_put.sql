-- Gives content $1 the packages of names $2 and versions $3, which are there.  For ingest,
-- once for each new content, after package_put; no rows.
INSERT INTO content_package (content_id, package_id)
SELECT DISTINCT $1::int4, p.id
FROM unnest($2::text[], $3::text[]) AS t (name, version)
JOIN package p ON p.name = t.name AND p.version = t.version
ORDER BY p.id
