-- Alerts $1 as they stand, held until the transaction ends.  For merging, unmerging and
-- splitting, with whether they are tied to alerts of services that the asker does not see.  By
-- the primary key; a row each, by id, so that two who ask wait in turn.
SELECT id, state, merged_into, revision, finding_id, alert_beyond(id) AS beyond
FROM alert
WHERE id = ANY ($1::int8[])
ORDER BY id
FOR UPDATE
