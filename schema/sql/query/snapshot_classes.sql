-- The classes of snapshot $1, the largest first.  For GET /snapshots/{id}.  By the primary
-- key; at most SNAPSHOT_CLASSES_MAX rows.
SELECT name, location, count, shallow_bytes, retained_bytes, distance
FROM snapshot_class
WHERE snapshot_id = $1::int8
ORDER BY COALESCE(retained_bytes, shallow_bytes) DESC, shallow_bytes DESC, name, location
