-- The good revision of group $1 is replaced at $2.  By config_revision_group.
UPDATE config_revision SET state = 'replaced', ended_at = $2::timestamptz
WHERE group_id = $1::int4 AND state = 'good'
