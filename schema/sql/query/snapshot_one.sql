-- Snapshot $1, with the columns of snapshot_page and all others.  The growth names the
-- snapshot that it speaks of, if that is here.  For GET /snapshots/{id}.  By primary
-- keys and (generation_id, taken_at); at most one row.  The times are compared as numbers:
-- not each number is a time.
SELECT n.id, n.capture_id, n.cause, n.service_id, n.service, n.host_id, n.host,
	n.fingerprint_id, n.version, n.slot_id, n.ordinal, n.pid, n.generation_id, n.taken_at,
	n.kind, n.route, n.runtime, n.total_bytes, n.node_count, n.uptime_ms, n.requests,
	n.pause_ms, n.growth->>'verdict' AS verdict, n.growth->>'words' AS words,
	n.raw_state, n.raw_parts, n.raw_parts_here, n.raw_text, n.raw_bytes,
	encode(n.raw_sha256, 'hex') AS raw_sha256,
	n.rules, n.why_shallow, n.analysis_ms, n.peak_rss_bytes, n.heap_used_bytes,
	n.external_bytes, n.heap_limit_bytes, n.stream_bytes, n.edge_count, n.class_count,
	n.native_bytes, n.typed_array_bytes, n.code_bytes, n.js_array_bytes, n.string_bytes,
	n.system_bytes, n.accumulators, n.fanout,
	n.growth || jsonb_build_object('before', b.id) AS growth
FROM snapshot_named n
LEFT JOIN snapshot b ON b.generation_id = n.generation_id
	AND (extract(epoch FROM b.taken_at) * 1000)::int8
		= (n.growth->>'before_at_ms')::int8
WHERE n.id = $1::int8
