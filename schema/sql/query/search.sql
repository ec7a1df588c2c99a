-- What has $1 in its name, large or small: hosts, services, versions, alerts that somebody has
-- to see to, and packages by how they begin; of each those first that begin with it, then the
-- shortest.  For GET /search.  Names by their whole tables, packages by the indexes on how
-- they begin; at most 8 rows of each kind.
(SELECT 'host' AS kind, h.id::int8 AS id, h.name, '' AS detail, 0 AS of_id, '' AS of_name
FROM host h
WHERE strpos(lower(h.name), lower($1::text)) > 0 AND EXISTS (
	SELECT FROM agent a WHERE a.host_id = h.id AND a.revoked_at IS NULL)
ORDER BY strpos(lower(h.name), lower($1::text)) > 1, length(h.name), h.name, h.id
LIMIT 8)
UNION ALL
(SELECT 'service', s.id, s.name, COALESCE((
		SELECT v.verdict FROM version_verdict v
		WHERE v.service_id = s.id
		ORDER BY v.at < (SELECT max(at) FROM version_verdict o WHERE o.service_id = s.id)
			- interval '15 minutes', verdict_rank(v.verdict) DESC
		LIMIT 1), 'learning'), 0, ''
FROM service s
WHERE strpos(lower(s.name), lower($1::text)) > 0
ORDER BY strpos(lower(s.name), lower($1::text)) > 1, length(s.name), s.name, s.id
LIMIT 8)
UNION ALL
(SELECT 'version', p.id, l.label, '', p.service_id, p.service
FROM (
	SELECT f.id, f.service_id, s.name AS service, row_number() OVER (ORDER BY
		NOT (starts_with(lower(f.version), lower($1::text))
			OR starts_with(lower(s.name || ' ' || f.version), lower($1::text))),
		f.first_seen_at DESC, f.id DESC) AS place
	FROM fingerprint f JOIN service s ON s.id = f.service_id
	WHERE strpos(lower(s.name || ' ' || f.version), lower($1::text)) > 0
	   OR f.hash <> '' AND starts_with(f.hash, lower($1::text))
	ORDER BY place
	LIMIT 8
) p
JOIN version_label l ON l.id = p.id
ORDER BY p.place)
UNION ALL
(SELECT 'alert', a.id, f.summary, a.state, s.id, s.name
FROM alert a
JOIN finding f ON f.id = a.finding_id
JOIN service s ON s.id = f.service_id
WHERE a.state IN ('open', 'acknowledged')
  AND (strpos(lower(s.name), lower($1::text)) > 0 OR strpos(lower(f.cause), lower($1::text)) > 0
	OR strpos(lower(f.summary), lower($1::text)) > 0 OR a.id::text = ltrim(lower($1::text), '#'))
ORDER BY a.id::text <> ltrim(lower($1::text), '#'), NOT starts_with(lower(s.name), lower($1::text)),
	a.state <> 'open', a.opened_at DESC, a.id DESC
LIMIT 8)
UNION ALL
(SELECT 'package', 0, p.name, '', 0, ''
FROM (
	SELECT name FROM package
	WHERE lower(name) ~>=~ lower($1::text) AND lower(name) ~<~ (lower($1::text) || chr(1114111))
	UNION
	SELECT name FROM package
	WHERE name LIKE '@%/%' AND lower(split_part(name, '/', 2)) ~>=~ lower($1::text)
	  AND lower(split_part(name, '/', 2)) ~<~ (lower($1::text) || chr(1114111))
) p
ORDER BY length(p.name), p.name
LIMIT 8)
