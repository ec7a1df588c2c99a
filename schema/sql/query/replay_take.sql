-- The replay that is to be worked on: one that was left half done, else the one that has
-- waited longest; it is "running" from now on.  For the watch.  By replay_open; at most
-- one row.
UPDATE replay r SET state = 'running'
WHERE r.id = (
	SELECT id FROM replay WHERE state IN ('waiting', 'running')
	ORDER BY state = 'running' DESC, id
	LIMIT 1)
RETURNING r.id, r.service_id, r.sensitivity, r.from_at, r.to_at
