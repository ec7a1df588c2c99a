-- How many messages stand how, for each target, and since when the oldest of those waits.  For
-- /metrics.  The kept messages of a month; at most 600 rows.
SELECT t.name AS target, t.kind, m.state, count(*) AS messages, min(m.due_at) AS oldest_at
FROM message m JOIN target t ON t.id = m.target_id
GROUP BY t.id, m.state
ORDER BY t.name, m.state
