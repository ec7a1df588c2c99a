-- Where processes $1 belong.  For the compactor, for all that were read in five minutes.
-- By primary keys; a row for each that is known.
SELECT g.id, g.slot_id, s.service_id, s.host_id, g.fingerprint_id
FROM generation g JOIN slot s ON s.id = g.slot_id
WHERE g.id = ANY ($1::int4[])
