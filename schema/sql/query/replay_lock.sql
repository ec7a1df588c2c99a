-- Keeps others from asking for a replay of service $1 until the end of the transaction.
-- For POST /services/{id}/replays.  By the primary key; a row when there is such a service.
SELECT id FROM service WHERE id = $1::int4 FOR NO KEY UPDATE
