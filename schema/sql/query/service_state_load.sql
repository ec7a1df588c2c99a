-- What services behind id $1 have taught the detector.  For the watch when it starts,
-- page by page.  By the primary key; at most $2 rows.
SELECT service_id, at, state
FROM service_state
WHERE service_id > $1::int4
ORDER BY service_id
LIMIT $2::int4
