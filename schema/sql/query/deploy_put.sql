-- Notes that service $1, by its name, changed to version $2 at $3: kind $4, note $5, said by
-- $6.  The same said again changes nothing.  For POST /deploys.  By the service's name and
-- deploy_said; one row, none when there is no such service; `made`: it is new.
WITH known AS (
	SELECT id, name FROM service WHERE name = $1::text
), put AS (
	INSERT INTO deploy (service_id, at, origin, kind, version, note, actor)
	SELECT id, $3::timestamptz, 'api', $4::text, $2::text, $5::text, $6::text FROM known
	ON CONFLICT (service_id, version, at) WHERE origin = 'api' DO NOTHING
	RETURNING *
)
SELECT d.id, d.service_id, k.name AS service, d.at, d.origin, d.kind, d.version, d.note,
	d.actor, d.fingerprint_id, d.created_at, d.made
FROM known k
JOIN (
	SELECT *, true AS made FROM put
	UNION ALL
	SELECT *, false FROM deploy
	WHERE service_id = (SELECT id FROM known) AND version = $2::text
	  AND at = $3::timestamptz AND origin = 'api'
) d ON d.service_id = k.id
LIMIT 1
