-- Forgets snapshots of before $1, and of each service all but the newest $2, with their
-- classes and raw files; at most 200 at a time.  For the watch, about once an hour; reads
-- one index entry for each snapshot.
DELETE FROM snapshot WHERE id IN (
	SELECT id FROM (
		SELECT id, taken_at, row_number() OVER (
			PARTITION BY service_id ORDER BY taken_at DESC, id DESC) AS place
		FROM snapshot) t
	WHERE taken_at < $1::timestamptz OR place > $2::int4
	ORDER BY taken_at
	LIMIT 200)
