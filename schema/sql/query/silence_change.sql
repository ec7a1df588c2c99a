-- Changes silence $1 at $2 to service $3, host $4, version $5, kind $6, from $7 to $8,
-- weekly $9, reason $10, if it is not over and its revision is $11 (NULL: any), by user
-- $12.  For PUT /silences/{id}.  By the primary key; a row when it was done.
WITH changed AS (
	UPDATE silence s SET service = $3::text, host = $4::text, version = $5::text,
		kind = $6::text, starts_at = $7::timestamptz, ends_at = $8::timestamptz,
		weekly = $9::boolean, reason = $10::text, revision = revision + 1
	WHERE id = $1::int8 AND silence_state(s, $2::timestamptz) <> 'expired'
	  AND ($11::int4 IS NULL OR revision = $11::int4)
	RETURNING *
), audited AS (
	INSERT INTO audit (user_id, actor, action, subject, detail)
	SELECT u.id, u.name, 'silence.change',
		concat_ws(', ', 'service ' || NULLIF(s.service, ''), 'host ' || NULLIF(s.host, ''),
			'version ' || NULLIF(s.version, ''), 'kind ' || NULLIF(s.kind, '')),
		s.reason
	FROM changed s, app_user u WHERE u.id = $12::int4
)
SELECT id, pg_notify('tidemark', 'alerts') FROM changed
