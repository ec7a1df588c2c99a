-- Findings, the newest first, behind id $3 (NULL: from the start); $1 filters by service,
-- $2 by whether they are active (NULL: all); at most $4 rows.  For GET /findings.  By the
-- primary key, backwards.
SELECT f.*, s.name AS service, p.version
FROM finding f
JOIN service s ON s.id = f.service_id
JOIN fingerprint p ON p.id = f.fingerprint_id
WHERE ($1::int4 IS NULL OR f.service_id = $1::int4)
  AND ($2::boolean IS NULL OR f.active = $2::boolean)
  AND ($3::int8 IS NULL OR f.id < $3::int8)
ORDER BY f.id DESC
LIMIT $4::int4
