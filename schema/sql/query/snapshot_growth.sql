-- The growth of snapshot $2, if it was compared with snapshot $1.  For GET
-- /snapshots/{id}/compare.  By primary keys; at most one row.
SELECT a.growth || jsonb_build_object('before', b.id) AS growth
FROM snapshot a
JOIN snapshot b ON b.generation_id = a.generation_id
	AND (extract(epoch FROM b.taken_at) * 1000)::int8
		= (a.growth->>'before_at_ms')::int8
WHERE a.id = $2::int8 AND b.id = $1::int8
