-- Notes that versions $2 are inside finding $1.  For the watch.  By the primary key; one
-- row a version.
INSERT INTO finding_version (finding_id, fingerprint_id)
SELECT $1::int8, unnest($2::int4[])
ON CONFLICT DO NOTHING
