-- Until when alert $1 is muted at $2; one inside another by what mutes that one.  For those
-- who notify.  By primary keys; a row, none when there is no such alert.
SELECT finding_silenced_until(COALESCE(o.finding_id, a.finding_id), $2::timestamptz) AS until
FROM alert a LEFT JOIN alert o ON o.id = a.merged_into
WHERE a.id = $1::int8
