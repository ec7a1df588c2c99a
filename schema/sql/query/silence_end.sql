-- Ends silence $1 at $2, if it is not over and its revision is $3 (NULL: any),
-- by user $4.  For DELETE /silences/{id}.  By the primary key; a row when it was done.
WITH ended AS (
	UPDATE silence s SET ended_at = $2::timestamptz, revision = revision + 1
	WHERE id = $1::int8 AND silence_state(s, $2::timestamptz) <> 'expired'
	  AND ($3::int4 IS NULL OR revision = $3::int4)
	RETURNING *
), audited AS (
	INSERT INTO audit (user_id, actor, action, subject, detail)
	SELECT u.id, u.name, 'silence.end',
		concat_ws(', ', 'service ' || NULLIF(s.service, ''), 'host ' || NULLIF(s.host, ''),
			'version ' || NULLIF(s.version, ''), 'kind ' || NULLIF(s.kind, '')),
		s.reason
	FROM ended s, app_user u WHERE u.id = $4::int4
)
SELECT id, pg_notify('tidemark', 'alerts') FROM ended
