-- Makes a revision of group $1: settings $2 with hash $3, note $4, by $5; one that waited is
-- dropped.  For POST /config/groups/{id}/revisions.  By config_revision_group.
WITH old AS (
	UPDATE config_revision SET state = 'dropped', ended_at = now()
	WHERE group_id = $1::int4 AND state = 'waiting'
)
INSERT INTO config_revision (group_id, settings, hash, note, made_by)
SELECT $1::int4, $2::jsonb, $3::int8, $4::text, $5::text
WHERE EXISTS (SELECT FROM config_group WHERE id = $1::int4)
RETURNING id
