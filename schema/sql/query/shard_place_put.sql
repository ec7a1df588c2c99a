-- Readings of slots $1 to $2 are written to shard $4 (0: here) from the time $3 on (NULL:
-- all).  No rows.
INSERT INTO shard_place (slot_from, slot_to, since, shard_id)
VALUES ($1::int4, $2::int4, $3::timestamptz, nullif($4::int4, 0))
