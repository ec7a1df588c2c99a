-- What the fleet of api_seed.sql has of heap snapshots at 10:00: five of `checkout`, two
-- of them of one process that leaks; one of each other kind; captures in many states.

INSERT INTO service (id, name, first_seen_at) OVERRIDING SYSTEM VALUE VALUES
	(4, 'ledger.jar', '2026-11-20 04:00+00');
INSERT INTO fingerprint (id, service_id, version, runtime, first_seen_at)
OVERRIDING SYSTEM VALUE VALUES
	(5, 4, '3.2', 'java 17.0.13', '2026-11-20 04:00+00');
INSERT INTO slot (id, service_id, host_id, ordinal) OVERRIDING SYSTEM VALUE VALUES
	(7, 4, 2, 0);
INSERT INTO generation (id, slot_id, fingerprint_id, host_id, boot_id, pid, start_ticks,
	started_at, last_sample_at, command, rule)
OVERRIDING SYSTEM VALUE VALUES
	(11, 7, 5, 2, 'b2', 733, 11, '2026-11-20 04:00+00', '2026-11-20 09:00+00',
		'java -jar ledger.jar', 'jar');

INSERT INTO capture (id, service_id, slot_id, generation_id, fingerprint_id, host_id,
	finding_id, cause, asked_by, asked_at, state, changed_at, deadline_at, confirmed_by,
	route, overrules, keep_raw, progress_permille, text, card)
OVERRIDING SYSTEM VALUE
SELECT c.id, g.service_id, g.slot_id, g.id, g.fingerprint_id, g.host_id,
	CASE WHEN c.cause LIKE 'policy%' THEN 1 END, c.cause, c.asked_by,
	('2026-11-22 ' || c.asked || '+00')::timestamptz, c.state,
	('2026-11-22 ' || c.changed || '+00')::timestamptz,
	('2026-11-22 ' || c.changed || '+00')::timestamptz + interval '2 minutes',
	c.confirmed_by, c.route, c.overrules, c.keep_raw, c.progress, c.text,
	CASE c.card
	WHEN 'allowed' THEN '{"gate": "allowed", "route": "inspector", "runtime": "node 20.11.1",
		"heap_is_measured": true, "heap_bytes": 47185920, "pause_ms": 4500,
		"need_bytes": 633339904, "free_bytes": 8388608000, "helper_bytes": 110100480,
		"reasons": []}'::jsonb
	WHEN 'asks' THEN '{"gate": "asks", "route": "inspector", "runtime": "node 20.11.1",
		"heap_is_measured": true, "heap_bytes": 47185920, "pause_ms": 4500,
		"need_bytes": 633339904, "free_bytes": 8388608000, "helper_bytes": 110100480,
		"reasons": ["the pause of about 4.5 s is over the limit of 2.0 s"]}'::jsonb
	WHEN 'refused' THEN '{"gate": "refused", "route": "inspector", "runtime": "node 20.11.1",
		"heap_is_measured": true, "heap_bytes": 47185920, "pause_ms": 4500,
		"need_bytes": 633339904, "free_bytes": 314572800, "helper_bytes": 110100480,
		"reasons": ["the capture needs 604 MiB; 300 MiB are free in its control group"]}'::jsonb
	END
FROM (VALUES
	(1, 7, 'policy: first', NULL, '09:39', '09:40', 'done', NULL, 'inspector', false,
		false, 1000, '', 'allowed'),
	(2, 7, 'console', 1, '09:54', '09:55', 'done', 1, 'inspector', true, true, 1000, '',
		'asks'),
	(3, 1, 'policy: control', NULL, '09:56', '09:57', 'done', NULL, 'inspector', false,
		false, 1000, '', 'allowed'),
	(4, 8, 'console', 2, '09:20', '09:21', 'denied', 2, '', false, false, 0,
		'the capture needs 604 MiB; 300 MiB are free in its control group', 'refused'),
	(5, 8, 'console', 2, '09:22', '09:23', 'failed', 2, '', false, false, 310,
		'the process ended while its heap was read', 'allowed'),
	(6, 8, 'console', 2, '09:24', '09:26', 'expired', NULL, '', false, false, 0,
		'the agent has not answered', NULL),
	(7, 8, 'console', 2, '09:27', '09:28', 'cancelled', NULL, '', false, false, 0, '',
		'allowed'),
	(8, 8, 'console', 2, '09:58', '09:59', 'quoted', NULL, '', false, false, 0, '', 'asks')
) c (id, generation, cause, asked_by, asked, changed, state, confirmed_by, route, overrules,
	keep_raw, progress, text, card)
JOIN LATERAL (
	SELECT n.*, s.service_id FROM generation n JOIN slot s ON s.id = n.slot_id
	WHERE n.id = c.generation
) g ON true;

INSERT INTO snapshot (id, capture_id, service_id, slot_id, generation_id, fingerprint_id,
	host_id, taken_at, stored_at, kind, route, rules, why_shallow, runtime, pause_ms,
	analysis_ms, uptime_ms, requests, peak_rss_bytes, heap_used_bytes, external_bytes,
	heap_limit_bytes, stream_bytes, node_count, edge_count, total_bytes, class_count,
	native_bytes, typed_array_bytes, code_bytes, js_array_bytes, string_bytes, system_bytes,
	accumulators, fanout)
OVERRIDING SYSTEM VALUE
SELECT v.id, v.capture, s.service_id, g.slot_id, g.id, g.fingerprint_id, g.host_id,
	v.at::timestamptz, v.at::timestamptz + interval '2 s', v.kind, v.route,
	CASE v.kind WHEN 'jvm' THEN 'HotSpot class histogram' ELSE 'DevTools 1.0.1705227' END,
	v.why_shallow, CASE v.kind WHEN 'jvm' THEN 'java 17.0.13' ELSE 'node 20.11.1' END,
	v.pause_ms, v.analysis_ms, v.uptime_ms, v.requests, v.peak_rss, v.heap_used, v.external,
	CASE v.kind WHEN 'v8' THEN 2197815296 END, v.stream, v.nodes, v.edges, v.total,
	v.classes, m.there * 1048576, m.there * 524288, m.there * 4194304, m.there * 2097152,
	m.there * 6291456, m.there * 3145728, '[]', '[]'
FROM (VALUES
	(1, 1, 7, '2026-11-22 09:40+00', 'v8', 'inspector', '', 1450, 90, 600000, 3300,
		183500800, 18350080, 1572864, 27262976, 301220, 1204000, 18874368, 6),
	(2, 2, 7, '2026-11-22 09:55+00', 'v8', 'inspector', '', 3920, 210, 1500000, 13200,
		372244480, 50331648, 1572864, 78643200, 812040, 3204000, 51589939, 412),
	(3, 3, 1, '2026-11-22 09:57+00', 'v8', 'inspector', '', 1390, 88, 21420000, 402000,
		178257920, 17301504, 1572864, 25165824, 288104, 1150000, 17825792, 4),
	(4, NULL, 1, '2026-11-22 09:58:30+00', 'v8', 'file', '', NULL, 87, 21510000, 403100,
		NULL, NULL, NULL, 25230000, 288410, 1151000, 17891328, 4),
	(5, NULL, 11, '2026-11-20 09:00+00', 'jvm', 'jvm', '', 160, 12, 18000000, NULL, NULL,
		NULL, NULL, 22528, 512000, 0, 67108864, 3),
	(6, NULL, 10, '2026-11-22 09:50+00', 'v8-shallow', 'signal',
		'the analysis needs 1.5 GiB; 512 MiB are free', NULL, 2400, 600000, NULL, NULL,
		NULL, NULL, 1073741824, 9800000, 39000000, 734003200, 3)
) v (id, capture, generation, at, kind, route, why_shallow, pause_ms, analysis_ms, uptime_ms,
	requests, peak_rss, heap_used, external, stream, nodes, edges, total, classes)
CROSS JOIN LATERAL (SELECT (v.kind <> 'jvm')::int AS there) m
JOIN generation g ON g.id = v.generation
JOIN slot s ON s.id = g.slot_id;

INSERT INTO snapshot_class (snapshot_id, name, location, count, shallow_bytes,
	retained_bytes, distance)
VALUES
	(1, 'MonitorQueue', 'lib/queue.js:41:18', 1, 72, 12058624, 3),
	(1, 'Function', 'lib/listener.js:11:42', 3300, 211200, 10536092, 6),
	(1, 'Context', '', 3490, 167520, 884736, 5),
	(1, '(array)', '', 18100, 2390912, 2390912, 4),
	(1, '(string)', '', 60800, 3121152, 3121152, 4),
	(1, 'IncomingMessage', 'node:_http_incoming:55:24', 49, 18424, 246960, 7),
	(1, 'Warmup', 'lib/warmup.js:2:1', 3, 240, 240, 5),
	(2, 'MonitorQueue', 'lib/queue.js:41:18', 1, 72, 44564480, 3),
	(2, 'Function', 'lib/listener.js:11:42', 13200, 844800, 41943040, 6),
	(2, 'Context', '', 13390, 642720, 3407872, 5),
	(2, '(array)', '', 21400, 4390912, 4390912, 4),
	(2, '(string)', '', 61200, 3145728, 3145728, 4),
	(2, 'IncomingMessage', 'node:_http_incoming:55:24', 52, 19552, 262144, 7),
	(2, 'Timeout', '', 14, 1232, 2048, NULL),
	(3, 'Function', 'lib/listener.js:11:42', 12, 768, 4096, 6),
	(3, 'Context', '', 190, 9120, 34816, 5),
	(3, '(array)', '', 17900, 2380912, 2380912, 4),
	(3, '(string)', '', 60700, 3120000, 3120000, 4),
	(4, 'Function', 'lib/listener.js:11:42', 12, 768, 4096, 6),
	(4, 'Context', '', 190, 9120, 34816, 5),
	(4, '(array)', '', 17950, 2381000, 2381000, 4),
	(4, '(string)', '', 60700, 3120000, 3120000, 4),
	(5, '[B', '', 180000, 25165824, NULL, NULL),
	(5, 'java.lang.String', '', 174000, 4176000, NULL, NULL),
	(5, 'com.example.ledger.Entry', '', 98000, 3920000, NULL, NULL),
	(6, '(string)', '', 4100000, 402653184, NULL, NULL),
	(6, '(array)', '', 1200000, 201326592, NULL, NULL),
	(6, 'Letter', 'lib/letter.js:4:2', 880000, 56320000, NULL, NULL);

UPDATE snapshot SET
	accumulators = '[{"name": "Array", "location": null, "path": [
		{"edge": "error", "holder": {"name": "{error}", "location": "node_modules/events/events.js:12:9"}},
		{"edge": "_events", "holder": {"name": "MonitorQueue", "location": "lib/queue.js:41:18"}},
		{"edge": "queue", "holder": {"name": "Object", "location": null}},
		{"edge": "context", "holder": {"name": "Function", "location": "server.js:7:1"}}],
		"path_is_cut": false, "child": {"name": "Function", "location": "lib/listener.js:11:42"},
		"child_count": 13200, "child_bytes": 41943040, "retained_bytes": 42467328}]',
	fanout = '[{"name": "Map", "location": null, "path": [
		{"edge": "[key]", "holder": {"name": "Registry", "location": "lib/registry.js:9:3"}}],
		"path_is_cut": true, "child": {"name": "Route", "location": "lib/route.js:3:9"},
		"child_count": 480, "child_bytes": 115200, "retained_bytes": 131072}]',
	growth = '{"verdict": "accumulation", "before_at_ms": 1795340400000, "before": 1,
		"before_total_bytes": 18874368, "grown_bytes": 32715571,
		"holder": {"name": "Array", "location": null, "path": [
			{"edge": "error", "holder": {"name": "{error}", "location": "node_modules/events/events.js:12:9"}},
			{"edge": "_events", "holder": {"name": "MonitorQueue", "location": "lib/queue.js:41:18"}},
			{"edge": "queue", "holder": {"name": "Object", "location": null}},
			{"edge": "context", "holder": {"name": "Function", "location": "server.js:7:1"}}],
			"path_is_cut": false, "child": {"name": "Function", "location": "lib/listener.js:11:42"},
			"child_count": 9900, "child_bytes": 31406948, "retained_bytes": 31850112},
		"explained_bytes": 31406948,
		"changes": [
			{"name": "Function", "location": "lib/listener.js:11:42", "added": 9900,
				"removed": 0, "added_bytes": 633600, "removed_bytes": 0},
			{"name": "Context", "location": null, "added": 9900, "removed": 0,
				"added_bytes": 475200, "removed_bytes": 0},
			{"name": "IncomingMessage", "location": "node:_http_incoming:55:24", "added": 12,
				"removed": 9, "added_bytes": 4512, "removed_bytes": 3384}],
		"words": "96 % of the growth of 31.2 MiB hangs in `error` in {error} of MonitorQueue: 9900 more Function"}',
	raw_bytes = 1500000, raw_sha256 = decode(repeat('ab', 32), 'hex')
WHERE id = 2;

UPDATE snapshot SET growth = '{"verdict": "no-leak", "before_at_ms": 1795341420000,
	"before": 3, "before_total_bytes": 17825792, "grown_bytes": 65536, "holder": null,
	"explained_bytes": 0, "changes": [],
	"words": "No leak is visible: 64.0 KiB of growth, and nothing explains much of it"}'
WHERE id = 4;

INSERT INTO snapshot_raw (snapshot_id, state, asked_by, asked_at, parts, parts_here, text)
VALUES (2, 'complete', 1, '2026-11-22 09:55:10+00', 3, 3, '');

INSERT INTO snapshot_policy (service_id, enabled, grown_bytes, with_control, changed_by,
	changed_at)
VALUES (1, true, 26214400, true, 1, '2026-11-22 09:30+00');

INSERT INTO audit (id, at, user_id, actor, action, service_id, host_id, subject, detail)
OVERRIDING SYSTEM VALUE VALUES
	(1, '2026-11-22 09:30+00', 1, 'ada', 'policy.set', 1, NULL, 'checkout',
		'on; a second after 25.0 MiB of growth; with a control'),
	(2, '2026-11-22 09:54+00', 1, 'ada', 'snapshot.ask', 1, 1,
		'checkout on web-1, pid 4303', 'capture 2'),
	(3, '2026-11-22 09:54:10+00', 1, 'ada', 'snapshot.confirm', 1, 1,
		'checkout on web-1, pid 4303', 'capture 2; overrules; keeps the raw file'),
	(4, '2026-11-22 09:55+00', NULL, 'agent', 'snapshot.done', 1, 1,
		'checkout on web-1, pid 4303', 'capture 2, snapshot 2'),
	(5, '2026-11-22 09:56+00', NULL, 'policy', 'snapshot.ask', 1, 1,
		'checkout on web-1, pid 4101', 'capture 3; policy: control');

SELECT setval(pg_get_serial_sequence(t, 'id'), 1000)
FROM unnest(ARRAY['service', 'fingerprint', 'slot', 'generation', 'capture', 'snapshot',
	'audit']) t;
