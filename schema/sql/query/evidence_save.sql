-- Writes what is known of finding (service $1, version $2, kind $3) at $4, as active; a
-- new one begins then.  For the watch.  By the unique key; one row.
INSERT INTO finding (service_id, fingerprint_id, kind, first_at, last_at, rate_kb_h,
	rate_low_kb_h, rate_high_kb_h, slots, slots_leaking, hosts, hosts_leaking, onset_at,
	exhaust_at, summary, reasons)
VALUES ($1::int4, $2::int4, $3::text, $4::timestamptz, $4::timestamptz, $5::float8,
	$6::float8, $7::float8, $8::int4, $9::int4, $10::int4, $11::int4, $12::timestamptz,
	$13::timestamptz, $14::text, $15::jsonb)
ON CONFLICT (service_id, fingerprint_id, kind) DO UPDATE SET active = true,
	last_at = excluded.last_at, rate_kb_h = excluded.rate_kb_h,
	rate_low_kb_h = excluded.rate_low_kb_h, rate_high_kb_h = excluded.rate_high_kb_h,
	slots = excluded.slots, slots_leaking = excluded.slots_leaking,
	hosts = excluded.hosts, hosts_leaking = excluded.hosts_leaking,
	onset_at = excluded.onset_at, exhaust_at = excluded.exhaust_at,
	summary = excluded.summary, reasons = excluded.reasons
RETURNING id
