-- Opens alerts whose acknowledgement or archive ends at $1, with their events.  For the watch,
-- each turn.  By the index on those that have an end; a row each.
WITH due AS (
	SELECT a.id, a.state, u.name FROM alert a
	LEFT JOIN app_user u ON u.id = COALESCE(a.acknowledged_by, a.archived_by)
	WHERE (a.acknowledged_until IS NOT NULL OR a.archive_until IS NOT NULL)
	  AND (a.state = 'acknowledged' AND a.acknowledged_until <= $1::timestamptz
		OR a.state = 'archived' AND a.archive_until <= $1::timestamptz)
	FOR UPDATE OF a
), moved AS (
	UPDATE alert a SET state = 'open', acknowledged_at = NULL, acknowledged_by = NULL,
		acknowledged_until = NULL, archived_at = NULL, archived_by = NULL,
		archive_until = NULL, archive_above_kb_h = NULL, archive_above_hosts = NULL,
		escalated_at = CASE WHEN due.state = 'archived' THEN $1::timestamptz END,
		revision = a.revision + 1
	FROM due
	WHERE a.id = due.id
	RETURNING a.id, due.state, due.name
)
INSERT INTO alert_event (alert_id, at, kind, text)
SELECT id, $1::timestamptz,
	CASE state WHEN 'archived' THEN 'unarchived' ELSE 'expired' END,
	CASE state WHEN 'archived' THEN 'The time until which ' || COALESCE(name, 'somebody')
		|| ' archived it is over'
	ELSE 'The acknowledgement of ' || COALESCE(name, 'somebody') || ' has run out' END
FROM moved
RETURNING alert_id
