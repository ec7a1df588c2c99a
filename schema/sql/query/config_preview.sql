-- Which hosts a rule fits, of hosts $1 and labels $2, at position $3 in the place of group $4
-- (0: of none).  For GET /config/preview.  By the whole table of hosts; at most 100 rows, each
-- with how many there are in all and how many of them an earlier rule has.
WITH taken AS MATERIALIZED (
	SELECT DISTINCT host_id FROM config_fit
	WHERE (position, group_id) < ($3::int4, CASE WHEN $4::int4 = 0 THEN 2147483647 ELSE $4::int4 END)
	  AND group_id <> $4::int4
), p AS MATERIALIZED (
	SELECT CASE WHEN $1::text = '' THEN '%' ELSE name_pattern($1::text) END AS pattern
), fitting AS MATERIALIZED (
	SELECT h.id, h.name
	FROM p
	JOIN host h ON h.name LIKE p.pattern
	WHERE EXISTS (SELECT FROM agent a WHERE a.host_id = h.id AND a.revoked_at IS NULL)
	  AND ($2::jsonb = '{}' OR NOT EXISTS (
		SELECT FROM jsonb_each_text($2::jsonb) w
		WHERE NOT EXISTS (
			SELECT FROM host_label l
			WHERE l.host_id = h.id AND l.key = w.key AND l.value LIKE name_pattern(w.value))))
)
SELECT x.id, x.name, x.hosts, x.taken, x.fits, g.id AS group_id, g.name AS "group"
FROM (
	SELECT f.id, f.name, count(*) OVER () AS hosts, count(t.host_id) OVER () AS taken,
		t.host_id IS NULL AS fits
	FROM fitting f
	LEFT JOIN taken t ON t.host_id = f.id
	ORDER BY f.name, f.id
	LIMIT 100
) x
LEFT JOIN LATERAL (
	SELECT k.group_id
	FROM agent a JOIN agent_config k ON k.agent_id = a.id
	WHERE a.host_id = x.id AND a.revoked_at IS NULL
	ORDER BY a.id DESC LIMIT 1
) c ON true
LEFT JOIN config_group g ON g.id = c.group_id
ORDER BY x.name, x.id
LIMIT 100
