-- The databases beside this one that have readings.  As shard_places.
SELECT id, name, uri FROM shard ORDER BY id
