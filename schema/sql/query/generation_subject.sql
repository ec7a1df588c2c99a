-- What host $2 is called, and whose process life $1 is, in words (NULL: none that we know
-- on it).  For ingest, what the audit says of a host's own captures; by primary keys, at
-- most one row.
SELECT h.name AS host, s.service_id, v.name || ' on ' || h.name || ', pid ' || g.pid AS subject
FROM host h
LEFT JOIN generation g ON g.id = $1::int4 AND g.host_id = h.id
LEFT JOIN slot s ON s.id = g.slot_id
LEFT JOIN service v ON v.id = s.service_id
WHERE h.id = $2::int4
