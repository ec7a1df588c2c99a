-- Forgets snapshots of before $1, of each service on each host all but the newest $2, and
-- of each host all but the newest $3 that nobody here asked for; at most 200 at a time, and
-- tells how many.  One with a raw file is not forgotten for being one of many; when it is
-- too old its host is first told for a day to drop the file.  For the watch, about once an
-- hour; reads one index entry for each snapshot.
WITH placed AS (
	SELECT n.id, n.taken_at, r.state AS raw_state, r.drop_until,
		row_number() OVER (PARTITION BY n.host_id,
			CASE WHEN n.capture_id IS NOT NULL THEN n.service_id END
			ORDER BY n.taken_at DESC, n.id DESC) AS place,
		CASE WHEN n.capture_id IS NULL THEN $3::int4 ELSE $2::int4 END AS most
	FROM snapshot n
	LEFT JOIN snapshot_raw r ON r.snapshot_id = n.id
), due AS (
	SELECT id, COALESCE(raw_state, 'dropped') = 'dropped' AS has_no_file FROM placed
	WHERE (taken_at < $1::timestamptz
		OR (place > most AND COALESCE(raw_state, 'dropped') IN ('dropped', 'lost')))
	  AND NOT COALESCE(drop_until > now(), false)
	ORDER BY taken_at
	LIMIT 200
), told AS (
	UPDATE snapshot_raw r
	SET state = 'dropped', parts_here = 0, sum_state = NULL,
	    drop_until = now() + interval '1 day', text = ''
	FROM due WHERE r.snapshot_id = due.id AND NOT due.has_no_file
), emptied AS (
	DELETE FROM snapshot_raw_part p
	USING due WHERE p.snapshot_id = due.id AND NOT due.has_no_file
), forgotten AS (
	DELETE FROM snapshot n USING due WHERE n.id = due.id AND due.has_no_file
)
SELECT count(*) AS count FROM due
