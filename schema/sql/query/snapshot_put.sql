-- Stores the summary of a heap of process $2, for capture $1 (NULL: not asked for); $3
-- says when, $4 to $8 the texts, $9 the figures and $10 to $13 the rest, all in the order
-- of the columns.  For ingest.  One of that process and moment that came without its capture
-- is given to it; no row: else there is one already.
INSERT INTO snapshot (capture_id, service_id, slot_id, generation_id, fingerprint_id,
	host_id, taken_at, kind, route, rules, why_shallow, runtime, pause_ms, analysis_ms,
	uptime_ms, requests, peak_rss_bytes, heap_used_bytes, external_bytes,
	heap_limit_bytes, stream_bytes, node_count, edge_count, total_bytes, class_count,
	native_bytes, typed_array_bytes, code_bytes, js_array_bytes, string_bytes,
	system_bytes, accumulators, fanout, growth, raw_bytes, raw_sha256)
SELECT $1::int8, s.service_id, g.slot_id, g.id, g.fingerprint_id, g.host_id,
	$3::timestamptz, $4::text, $5::text, $6::text, $7::text, $8::text,
	f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9], f[10], f[11], f[12], f[13],
	f[14], f[15], f[16], f[17], f[18], f[19], $10::jsonb, $11::jsonb, $12::jsonb,
	f[20], $13::bytea
FROM generation g
JOIN slot s ON s.id = g.slot_id
CROSS JOIN (SELECT $9::int8[] AS f) figures
WHERE g.id = $2::int4
ON CONFLICT (generation_id, taken_at) DO UPDATE
SET capture_id = EXCLUDED.capture_id, raw_bytes = EXCLUDED.raw_bytes,
    raw_sha256 = EXCLUDED.raw_sha256
WHERE snapshot.capture_id IS NULL AND EXCLUDED.capture_id IS NOT NULL
RETURNING id
