-- The replay of service $1 that has not ended yet.  For POST /services/{id}/replays.  By
-- the index on (service, id); at most one row.
SELECT id, state FROM replay
WHERE service_id = $1::int4 AND state IN ('waiting', 'running')
ORDER BY id LIMIT 1
