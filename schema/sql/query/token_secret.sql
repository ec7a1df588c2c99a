-- What is needed to check a token's bearer.  For enrolment and every call with an API
-- token; $4 is the host that enrols.  By the primary key; at most one row.
SELECT t.secret_hash, t.revoked_at IS NOT NULL OR u.retired_at IS NOT NULL AS revoked,
	t.expires_at <= $3::timestamptz AS expired, COALESCE(t.uses >= t.max_uses, false) AS used_up,
	NOT (t.host_glob = '' OR lower($4::text) LIKE name_pattern(lower(t.host_glob))) AS elsewhere,
	u.id AS user_id, u.name AS user_name, u.role
FROM token t
LEFT JOIN app_user u ON u.id = t.created_by
WHERE t.id = $1::text AND t.kind = $2::text
