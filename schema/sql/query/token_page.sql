-- Tokens, newest first, behind (created_at, id) = ($1, $2); all when $2 is NULL.  For
-- GET /tokens and "token list".  By the whole table, which holds hundreds; at most $3
-- rows.
SELECT t.id, t.kind, t.name, t.created_at, u.name AS created_by, t.expires_at,
	t.max_uses, t.uses, t.revoked_at, t.host_glob, t.role,
	to_json(t.services)::text AS services, t.last_used_at, token_labels(t.id) AS labels
FROM token t
LEFT JOIN app_user u ON u.id = t.created_by
WHERE $2::text IS NULL
   OR (date_trunc('milliseconds', t.created_at), t.id) < ($1::timestamptz, $2::text)
ORDER BY date_trunc('milliseconds', t.created_at) DESC, t.id DESC
LIMIT $3::int4
