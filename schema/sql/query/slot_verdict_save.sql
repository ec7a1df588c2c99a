-- What the detector says of seats now, in place of what it said before.  $1 is a JSON
-- array of objects as below; times in Unix ms.  For the watch.  By the primary key; one
-- row a seat, at most 500 at a time.
INSERT INTO slot_verdict (slot_id, generation_id, fingerprint_id, at, verdict, series,
	rate_kb_h, rate_low_kb_h, rate_high_kb_h, value_kb, limit_kb, exhaust_at, onset_at,
	wait_s, restarts, summary, reasons)
SELECT slot_id, generation_id, fingerprint_id, timestamptz 'epoch' + at_ms * interval '1 ms',
	verdict, series, rate_kb_h, rate_low_kb_h, rate_high_kb_h, value_kb, limit_kb,
	timestamptz 'epoch' + exhaust_ms * interval '1 ms',
	timestamptz 'epoch' + onset_ms * interval '1 ms', wait_s, restarts, summary, reasons
FROM jsonb_to_recordset($1::jsonb) AS r (slot_id int4, generation_id int4,
	fingerprint_id int4, at_ms int8, verdict text, series text, rate_kb_h float8,
	rate_low_kb_h float8, rate_high_kb_h float8, value_kb int8, limit_kb int8,
	exhaust_ms int8, onset_ms int8, wait_s int4, restarts int4, summary text,
	reasons jsonb)
ON CONFLICT (slot_id) DO UPDATE SET generation_id = excluded.generation_id,
	fingerprint_id = excluded.fingerprint_id, at = excluded.at,
	verdict = excluded.verdict, series = excluded.series,
	rate_kb_h = excluded.rate_kb_h, rate_low_kb_h = excluded.rate_low_kb_h,
	rate_high_kb_h = excluded.rate_high_kb_h, value_kb = excluded.value_kb,
	limit_kb = excluded.limit_kb, exhaust_at = excluded.exhaust_at,
	onset_at = excluded.onset_at, wait_s = excluded.wait_s,
	restarts = excluded.restarts, summary = excluded.summary,
	reasons = excluded.reasons
