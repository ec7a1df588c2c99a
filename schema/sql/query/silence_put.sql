-- Adds a silence by user $1 at $2: service $3, host $4, version $5, kind $6, from $7 to $8,
-- weekly $9, reason $10; at most 500 that are not over.  For POST /silences.  One row, none
-- when there are so many.
WITH added AS (
	INSERT INTO silence (created_by, created_at, service, host, version, kind, starts_at,
		ends_at, weekly, reason)
	SELECT $1::int4, $2::timestamptz, $3::text, $4::text, $5::text, $6::text,
		$7::timestamptz, $8::timestamptz, $9::boolean, $10::text
	WHERE (SELECT count(*) FROM silence
		WHERE ended_at IS NULL AND (weekly OR ends_at > $2::timestamptz)) < 500
	RETURNING *
), audited AS (
	INSERT INTO audit (user_id, actor, action, subject, detail)
	SELECT u.id, u.name, 'silence.add',
		concat_ws(', ', 'service ' || NULLIF(s.service, ''), 'host ' || NULLIF(s.host, ''),
			'version ' || NULLIF(s.version, ''), 'kind ' || NULLIF(s.kind, '')),
		s.reason
	FROM added s, app_user u WHERE u.id = $1::int4
)
SELECT id, pg_notify('tidemark', 'alerts') FROM added
