-- Ends captures whose deadline has passed at $1, and says so in the audit.  For the watch,
-- every turn; by the index on captures under way.  One row for each, at most 1000.
WITH late AS (
	SELECT id FROM capture
	WHERE state IN ('quoting', 'quoted', 'ordered', 'running')
	  AND deadline_at <= $1::timestamptz
	ORDER BY id
	LIMIT 1000
	FOR UPDATE SKIP LOCKED
), ended AS (
	UPDATE capture c
	SET state = 'expired', changed_at = $1::timestamptz,
	    text = CASE c.state WHEN 'quoting' THEN 'the agent has not answered'
		WHEN 'quoted' THEN 'nobody has confirmed it'
		WHEN 'ordered' THEN 'the agent has not begun it'
		ELSE 'the agent has not finished it' END
	FROM late WHERE c.id = late.id
	RETURNING c.id, c.text
), told AS (
	INSERT INTO audit (actor, action, service_id, host_id, subject, detail)
	SELECT 'server', 'snapshot.expired', n.service_id, n.host_id, n.subject,
		'capture ' || n.id || ': ' || ended.text
	FROM ended JOIN capture_named n ON n.id = ended.id
)
SELECT id, pg_notify('tidemark', 'snapshots') FROM ended
