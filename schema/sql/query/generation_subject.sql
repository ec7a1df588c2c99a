-- Whose process life $1 is, in words.  For ingest, what the audit says of a host's own
-- captures; by primary keys, at most one row.
SELECT s.service_id, v.name || ' on ' || h.name || ', pid ' || g.pid AS subject
FROM generation g
JOIN slot s ON s.id = g.slot_id
JOIN service v ON v.id = s.service_id
JOIN host h ON h.id = g.host_id
WHERE g.id = $1::int4
