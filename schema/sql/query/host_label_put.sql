-- Gives host $1 the labels of keys $2 and values $3.  For PUT /hosts/{id}/labels.  At most as
-- many rows as a host may have labels.
INSERT INTO host_label (host_id, key, value)
SELECT $1::int4, l.key, l.value FROM unnest($2::text[], $3::text[]) AS l (key, value)
