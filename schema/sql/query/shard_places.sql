-- Where readings are written, oldest word first: of rows that fit the last one counts.  For
-- every connection that reads or writes readings, every few seconds; as many rows as
-- somebody has typed.
SELECT p.slot_from, p.slot_to, p.since, coalesce(p.shard_id, 0) AS shard_id
FROM shard_place p
ORDER BY p.since NULLS FIRST, p.id
