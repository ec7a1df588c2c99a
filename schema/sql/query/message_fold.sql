-- Of each target for which more than twice its rate waits at $1, folds all that waits into one
-- digest: a new one, or the one that was not tried yet.  An Alertmanager groups by itself.  For
-- the messenger, each round.  By message_due; a row for each digest.
WITH full_one AS (
	SELECT s.target_id
	FROM target_state s JOIN target t ON t.id = s.target_id
	WHERE t.enabled AND t.kind <> 'alertmanager' AND s.busy_until <= $1::timestamptz
	  AND (SELECT count(*) FROM (SELECT FROM message m WHERE m.target_id = t.id
		AND m.state = 'waiting' AND m.event_id IS NOT NULL LIMIT 2 * t.a_minute + 1) n)
		> 2 * t.a_minute
	FOR UPDATE OF s SKIP LOCKED
), open_one AS (
	SELECT DISTINCT ON (m.target_id) m.id, m.target_id
	FROM message m JOIN full_one f ON f.target_id = m.target_id
	WHERE m.state = 'waiting' AND m.digest AND m.tries = 0
	ORDER BY m.target_id, m.id
), made AS (
	INSERT INTO message (target_id, digest, made_at, due_at, next_at)
	SELECT f.target_id, true, $1::timestamptz, $1::timestamptz, $1::timestamptz
	FROM full_one f WHERE f.target_id NOT IN (SELECT target_id FROM open_one)
	RETURNING id, target_id
), digest AS (
	SELECT * FROM open_one UNION ALL SELECT * FROM made
), folded AS (
	UPDATE message m SET state = 'folded', folded_into = d.id
	FROM digest d
	WHERE m.target_id = d.target_id AND m.state = 'waiting' AND m.event_id IS NOT NULL
	RETURNING d.id, d.target_id
)
SELECT t.name AS target, count(*) AS folded FROM folded f JOIN target t ON t.id = f.target_id
GROUP BY f.id, t.name
