-- Makes the packages of names $1 and versions $2 that are not there yet.  For ingest, once for
-- each new content; no rows, but how many were made.
INSERT INTO package (name, version)
SELECT DISTINCT t.name, t.version
FROM unnest($1::text[], $2::text[]) AS t (name, version)
WHERE NOT EXISTS (SELECT FROM package p WHERE p.name = t.name AND p.version = t.version)
ORDER BY t.name, t.version
ON CONFLICT DO NOTHING
