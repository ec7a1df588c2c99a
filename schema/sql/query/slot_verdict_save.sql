-- What the detector says of seats now, in place of what it said before.  $1 is a JSON
-- array of objects as below; times in Unix ms.  For the watch.  By the primary key; one
-- row a seat, at most 500 at a time.
INSERT INTO slot_verdict AS v (slot_id, generation_id, fingerprint_id, at, level, kind,
	verdict, series, silent, rate_kb_h, rate_low_kb_h, rate_high_kb_h, value_kb, limit_kb,
	exhaust_at, exhaust_low_at, exhaust_high_at, onset_at, onset_low_at, onset_high_at,
	wait_s, restarts, summary, reasons)
SELECT slot_id, generation_id, fingerprint_id, unix_ms(at_ms), level, kind, verdict, series,
	silent, rate_kb_h, rate_low_kb_h, rate_high_kb_h, value_kb, limit_kb,
	unix_ms(exhaust_ms), unix_ms(exhaust_low_ms), unix_ms(exhaust_high_ms),
	unix_ms(onset_ms), unix_ms(onset_low_ms), unix_ms(onset_high_ms), wait_s, restarts,
	summary, reasons
FROM jsonb_to_recordset($1::jsonb) AS r (slot_id int4, generation_id int4,
	fingerprint_id int4, at_ms int8, level text, kind text, verdict text, series text,
	silent boolean, rate_kb_h float8, rate_low_kb_h float8, rate_high_kb_h float8,
	value_kb int8, limit_kb int8, exhaust_ms int8, exhaust_low_ms int8,
	exhaust_high_ms int8, onset_ms int8, onset_low_ms int8, onset_high_ms int8,
	wait_s int4, restarts int4, summary text, reasons jsonb)
ON CONFLICT (slot_id) DO UPDATE SET generation_id = excluded.generation_id,
	fingerprint_id = excluded.fingerprint_id, at = excluded.at, level = excluded.level,
	kind = excluded.kind, verdict = excluded.verdict, series = excluded.series,
	silent = excluded.silent, rate_kb_h = excluded.rate_kb_h,
	rate_low_kb_h = excluded.rate_low_kb_h, rate_high_kb_h = excluded.rate_high_kb_h,
	value_kb = excluded.value_kb, limit_kb = excluded.limit_kb,
	exhaust_at = excluded.exhaust_at, exhaust_low_at = excluded.exhaust_low_at,
	exhaust_high_at = excluded.exhaust_high_at, onset_at = excluded.onset_at,
	onset_low_at = excluded.onset_low_at, onset_high_at = excluded.onset_high_at,
	wait_s = excluded.wait_s, restarts = excluded.restarts, summary = excluded.summary,
	reasons = excluded.reasons
