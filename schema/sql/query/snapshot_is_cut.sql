-- Whether snapshot $1 has more classes than were kept.  For GET /snapshots/{id}/compare.  By
-- the primary keys; at most SNAPSHOT_CLASSES_MAX rows of the index.
SELECT n.class_count >
	(SELECT count(*) FROM snapshot_class c WHERE c.snapshot_id = n.id) AS is_cut
FROM snapshot n
WHERE n.id = $1::int8
