-- The newest processes of seats $1.  For the watch: whether what was resolved has come back
-- is read of them.  By the primary key; a row a seat.
SELECT id, service_id, host_id, life_id, life_started_at
FROM slot
WHERE id = ANY ($1::int4[]) AND life_id IS NOT NULL
ORDER BY id
