-- Makes a token.  For POST /tokens and "token create".  One row.
INSERT INTO token (id, kind, name, secret_hash, created_at, created_by, expires_at, max_uses,
	host_glob, role, services)
VALUES ($1::text, $2::text, $3::text, $4::bytea, $5::timestamptz, $6::int4,
	$7::timestamptz, $8::int4, $9::text, $10::text, $11::text[])
RETURNING id, kind, name, created_at,
	(SELECT u.name FROM app_user u WHERE u.id = created_by) AS created_by,
	expires_at, max_uses, uses, revoked_at, host_glob, role,
	to_json(services)::text AS services, last_used_at, token_labels(id) AS labels
