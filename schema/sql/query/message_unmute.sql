-- What happened to alerts while they were silenced: the newest of each target and alert is due
-- at $1 when the silence is over and the alert still open; the rest of it goes, as does what is
-- of alerts that nobody needs to hear of any more.  For the messenger.  By message_muted.
WITH held AS (
	SELECT m.id, row_number() OVER (PARTITION BY m.target_id, v.alert_id ORDER BY m.id DESC) AS n,
		v.alert_id
	FROM message m JOIN alert_event v ON v.id = m.event_id
	WHERE m.state = 'muted'
), fate AS (
	SELECT a.id, a.state = 'open' AND a.merged_into IS NULL AS matters
	FROM alert a
	WHERE a.id IN (SELECT alert_id FROM held) AND (a.state <> 'open' OR a.merged_into IS NOT NULL
		OR finding_silenced_until(a.finding_id, $1::timestamptz) IS NULL)
), gone AS (
	DELETE FROM message m USING held h JOIN fate f ON f.id = h.alert_id
	WHERE m.id = h.id AND NOT (f.matters AND h.n = 1)
)
UPDATE message m SET state = 'waiting', was_muted = true, due_at = $1::timestamptz,
	next_at = $1::timestamptz
FROM held h JOIN fate f ON f.id = h.alert_id
WHERE m.id = h.id AND f.matters AND h.n = 1
