-- Makes a capture of the newest process of seat $1 at $2 until $3, asked for by user $4
-- (NULL: nobody) for finding $5 (NULL: none) because of $6, by route $7; $8 are the
-- server's own reasons.  For POST /instances/{id}/captures; a row.
INSERT INTO capture (service_id, slot_id, generation_id, fingerprint_id, host_id,
	finding_id, cause, asked_by, asked_at, state, changed_at, deadline_at, route, asks)
SELECT n.service_id, n.slot_id, n.generation_id, n.fingerprint_id, n.host_id, $5::int8,
	$6::text, $4::int4, $2::timestamptz, 'quoting', $2::timestamptz, $3::timestamptz,
	$7::text, $8::text
FROM slot_now n
WHERE n.slot_id = $1::int4
RETURNING id
