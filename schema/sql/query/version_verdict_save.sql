-- What the detector says of versions now, in place of what it said before.  $1 is a JSON
-- array of objects as below; times in Unix ms.  For the watch.  By the primary key; one
-- row a version, at most 500 at a time.
INSERT INTO version_verdict (fingerprint_id, service_id, at, level, kind, verdict, rate_kb_h,
	rate_low_kb_h, rate_high_kb_h, slots, slots_leaking, hosts, hosts_leaking, onset_at,
	exhaust_at, wait_s, summary, reasons)
SELECT fingerprint_id, service_id, unix_ms(at_ms), level, kind, verdict, rate_kb_h,
	rate_low_kb_h, rate_high_kb_h, slots, slots_leaking, hosts, hosts_leaking,
	unix_ms(onset_ms), unix_ms(exhaust_ms), wait_s, summary, reasons
FROM jsonb_to_recordset($1::jsonb) AS r (fingerprint_id int4, service_id int4, at_ms int8,
	level text, kind text, verdict text, rate_kb_h float8, rate_low_kb_h float8,
	rate_high_kb_h float8, slots int4, slots_leaking int4, hosts int4,
	hosts_leaking int4, onset_ms int8, exhaust_ms int8, wait_s int4, summary text,
	reasons jsonb)
ON CONFLICT (fingerprint_id) DO UPDATE SET service_id = excluded.service_id,
	at = excluded.at, level = excluded.level, kind = excluded.kind,
	verdict = excluded.verdict, rate_kb_h = excluded.rate_kb_h,
	rate_low_kb_h = excluded.rate_low_kb_h, rate_high_kb_h = excluded.rate_high_kb_h,
	slots = excluded.slots, slots_leaking = excluded.slots_leaking,
	hosts = excluded.hosts, hosts_leaking = excluded.hosts_leaking,
	onset_at = excluded.onset_at, exhaust_at = excluded.exhaust_at,
	wait_s = excluded.wait_s, summary = excluded.summary, reasons = excluded.reasons
