-- Notes a failed login as $1 from address $2.  A name that is nobody's may be a password in the
-- wrong field: it is not kept.  For POST /session.  One row.
INSERT INTO audit (actor, action, subject, detail)
SELECT 'nobody', 'session.failed',
	COALESCE((SELECT name FROM app_user WHERE name = $1::text), 'unknown name'), $2::text
