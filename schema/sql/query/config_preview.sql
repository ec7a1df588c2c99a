-- Which hosts a rule fits, of hosts $1 and labels $2, at position $3 in the place of group $4
-- (0: of none).  For GET /config/preview.  By the whole table of hosts; at most 100 rows, each
-- with how many there are in all and how many of them an earlier rule has.
WITH f AS MATERIALIZED (
	SELECT host_id, group_id, position FROM config_fit
), first AS (
	SELECT DISTINCT ON (host_id) host_id, group_id FROM f ORDER BY host_id, position, group_id
), taken AS (
	SELECT DISTINCT host_id FROM f
	WHERE (position, group_id) < ($3::int4, CASE WHEN $4::int4 = 0 THEN 2147483647 ELSE $4::int4 END)
	  AND group_id <> $4::int4
)
SELECT h.id, h.name, count(*) OVER () AS hosts, count(t.host_id) OVER () AS taken,
	t.host_id IS NULL AS fits, g.id AS group_id, g.name AS "group"
FROM host h
LEFT JOIN taken t ON t.host_id = h.id
LEFT JOIN first i ON i.host_id = h.id
LEFT JOIN config_group g ON g.id = i.group_id
WHERE EXISTS (SELECT FROM agent a WHERE a.host_id = h.id AND a.revoked_at IS NULL)
  AND ($1::text = '' OR h.name LIKE name_pattern($1::text))
  AND NOT EXISTS (
	SELECT FROM jsonb_each_text($2::jsonb) w
	WHERE NOT EXISTS (
		SELECT FROM host_label l
		WHERE l.host_id = h.id AND l.key = w.key AND l.value LIKE name_pattern(w.value)))
ORDER BY h.name, h.id
LIMIT 100
