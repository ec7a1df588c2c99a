-- What people and pipelines said was changed, and versions that came back, of ids above $1 and
-- times from $2 on, in order of their ids.  For the watch, each turn; by primary key.
SELECT id, service_id, kind, version, note, at, created_at
FROM deploy
WHERE id > $1::int8 AND at >= $2::timestamptz AND (origin = 'api' OR note <> '')
ORDER BY id
LIMIT 1000
