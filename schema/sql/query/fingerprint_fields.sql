-- In what versions $1 and $2 differ beside their packages: one row for each field, NULL
-- where a side does not say.  For GET /fingerprints/diff.  By primary keys; at most 9 fields
-- and the variables of two environments.
WITH said AS (
	SELECT f.id, v.n, v.name, NULLIF(v.value, '') AS value
	FROM fingerprint f
	LEFT JOIN content c ON c.hash = f.hash AND f.hash <> ''
	CROSS JOIN LATERAL (
		VALUES (1, 'version', f.version), (2, 'app', c.app),
			(3, 'app_version', c.app_version), (4, 'git_head', c.git_head),
			(5, 'build_id', c.build_id), (6, 'image', c.image),
			(7, 'runtime', COALESCE(NULLIF(c.runtime, ''), f.runtime)),
			(8, 'runtime_version', c.runtime_version), (9, 'source', c.source)
		UNION ALL
		SELECT 10, 'environment ' || split_part(e, '=', 1), substr(e, strpos(e, '=') + 1)
		FROM unnest(c.environment) AS e
	) v (n, name, value)
	WHERE f.id IN ($1::int4, $2::int4)
)
SELECT name, a.value AS from_value, b.value AS to_value
FROM (SELECT * FROM said WHERE id = $1::int4) a
FULL JOIN (SELECT * FROM said WHERE id = $2::int4) b USING (n, name)
WHERE a.value IS DISTINCT FROM b.value
ORDER BY n, name
