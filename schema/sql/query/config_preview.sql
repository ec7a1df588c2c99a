-- Which hosts a rule fits, of hosts $1 and labels $2, at position $3 in the place of group $4
-- (0: of none).  For GET /config/preview.  By the whole table of agents; at most 100 rows, each
-- with how many there are in all and how many of them an earlier rule has.
SELECT h.id, h.name, count(*) OVER () AS hosts, count(*) FILTER (WHERE e.id IS NOT NULL) OVER ()
	AS taken, e.id IS NULL AS fits, g.id AS group_id, g.name AS "group"
FROM (SELECT DISTINCT host_id FROM agent WHERE revoked_at IS NULL) a
JOIN host h ON h.id = a.host_id
LEFT JOIN LATERAL (
	SELECT c.id FROM config_group c
	WHERE (c.position, c.id) < ($3::int4, CASE WHEN $4::int4 = 0 THEN 2147483647 ELSE $4::int4 END)
	  AND c.id <> $4::int4 AND config_fits(c.host, c.labels, h.id, h.name)
	ORDER BY c.position, c.id LIMIT 1
) e ON true
LEFT JOIN LATERAL (
	SELECT c.id, c.name FROM config_group c
	WHERE config_fits(c.host, c.labels, h.id, h.name)
	ORDER BY c.position, c.id LIMIT 1
) g ON true
WHERE config_fits($1::text, $2::jsonb, h.id, h.name)
ORDER BY h.name, h.id
LIMIT 100
