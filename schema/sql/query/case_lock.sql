-- Alerts $1 as they stand, held until the transaction ends.  For merging, unmerging and
-- splitting.  By the primary key; a row each, by id, so that two who ask wait in turn.
SELECT id, state, merged_into, revision, finding_id
FROM alert
WHERE id = ANY ($1::int8[])
ORDER BY id
FOR UPDATE
