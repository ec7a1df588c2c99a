-- The seats that people split off to findings $1, with the names of these.  For the watch,
-- each turn.  By the primary keys; a row a seat.
SELECT d.finding_id, d.slot_id, s.name AS service, p.label AS version
FROM finding_split d
JOIN finding f ON f.id = d.finding_id
JOIN service s ON s.id = f.service_id
JOIN version_label p ON p.id = f.fingerprint_id
WHERE d.finding_id = ANY ($1::int8[])
ORDER BY d.finding_id, d.slot_id
