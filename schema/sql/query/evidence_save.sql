-- What is known of finding $1 at $2, as an object as below; times in Unix ms.  It is
-- active.  For the watch.  By the primary key; one row.
UPDATE finding f SET active = true, last_at = $2::timestamptz,
	confirmed_at = CASE WHEN r.level = 'confirmed' THEN $2::timestamptz
		ELSE f.confirmed_at END,
	fingerprint_id = r.fingerprint_id, kind = r.kind, level = r.level, cause = r.cause,
	rate_kb_h = r.rate_kb_h, rate_low_kb_h = r.rate_low_kb_h,
	rate_high_kb_h = r.rate_high_kb_h, slots = r.slots, slots_leaking = r.slots_leaking,
	hosts = r.hosts, hosts_leaking = r.hosts_leaking, onset_at = unix_ms(r.onset_ms),
	onset_low_at = unix_ms(r.onset_low_ms), onset_high_at = unix_ms(r.onset_high_ms),
	exhaust_at = unix_ms(r.exhaust_ms), exhaust_low_at = unix_ms(r.exhaust_low_ms),
	exhaust_high_at = unix_ms(r.exhaust_high_ms), summary = r.summary,
	reasons = r.reasons
FROM jsonb_to_record($3::jsonb) AS r (fingerprint_id int4, kind text, level text, cause text,
	rate_kb_h float8, rate_low_kb_h float8, rate_high_kb_h float8, slots int4,
	slots_leaking int4, hosts int4, hosts_leaking int4, onset_ms int8, onset_low_ms int8,
	onset_high_ms int8, exhaust_ms int8, exhaust_low_ms int8, exhaust_high_ms int8,
	summary text, reasons jsonb)
WHERE f.id = $1::int8
