-- What runs where, at 2026-11-22 10:00 UTC, beside the fleet of api_seed.sql, whose agents
-- report: service `orders` on web-1 and web-2 in one version string with two contents, of
-- which one has @pm2/io 4.2.1 and leaks listeners; its insides, censuses and warnings; the
-- queues that `checkout` fills and `orders` works on, and their sources.

UPDATE agent SET last_seen_at = '2026-11-22 09:59:56+00',
	last_sample_at = '2026-11-22 09:59:55+00' WHERE id IN (1, 2);

INSERT INTO service (id, name, first_seen_at) OVERRIDING SYSTEM VALUE VALUES
	(21, 'orders', '2026-11-22 05:00+00');

INSERT INTO content (id, hash, app, app_version, git_head, build_id, image, runtime,
	runtime_version, source, is_cut, environment, remarks, first_seen_at)
OVERRIDING SYSTEM VALUE VALUES
	(1, '9c01b7d25e8a4f6390ab12cd34ef5678', 'orders', '2.0.0',
		'4f2c9d1e8b7a6053f1e2d3c4b5a697880a1b2c3d', '', '', 'node', '20.11.1',
		'package-lock.json', false, '{APP_VERSION=2.0.0,NODE_ENV=production}', '{}',
		'2026-11-22 05:00+00'),
	(2, '3f2a91c7d0e84b5596a7b8c9d0e1f203', 'orders', '2.0.0',
		'4f2c9d1e8b7a6053f1e2d3c4b5a697880a1b2c3d', '', '', 'node', '20.11.1',
		'node_modules', false, '{APP_VERSION=2.0.0,NODE_ENV=staging}',
		'{"package-lock.json: permission denied"}', '2026-11-22 06:00+00');

INSERT INTO package (id, name, version) OVERRIDING SYSTEM VALUE VALUES
	(1, '@pm2/io', '4.1.2'), (2, '@pm2/io', '4.2.1'), (3, 'express', '4.18.2'),
	(4, 'ms', '2.0.0'), (5, 'ms', '2.1.3'), (6, 'pm2', '3.4.1'), (7, 'pm2', '3.5.1'),
	(8, 'require-in-the-middle', '5.0.3'), (9, 'shimmer', '1.2.1');

INSERT INTO content_package (content_id, package_id)
SELECT 1, unnest('{1,3,5,6,9}'::int4[]) UNION ALL
SELECT 2, unnest('{2,3,4,5,7,8}'::int4[]);

INSERT INTO fingerprint (id, service_id, version, runtime, hash, first_seen_at)
OVERRIDING SYSTEM VALUE VALUES
	(25, 21, '2.0.0', 'node 20.11.1', '9c01b7d25e8a4f6390ab12cd34ef5678',
		'2026-11-22 05:00+00'),
	(26, 21, '2.0.0', 'node 20.11.1', '3f2a91c7d0e84b5596a7b8c9d0e1f203',
		'2026-11-22 06:00+00'),
	(27, 21, '1.9.0', 'node 20.11.1', '', '2026-11-22 04:30+00');

INSERT INTO slot (id, service_id, host_id, ordinal) OVERRIDING SYSTEM VALUE VALUES
	(27, 21, 1, 0), (28, 21, 2, 0), (29, 21, 2, 1);

INSERT INTO generation (id, slot_id, fingerprint_id, host_id, boot_id, pid, start_ticks,
	started_at, last_sample_at, command, rule)
OVERRIDING SYSTEM VALUE VALUES
	(31, 27, 27, 1, 'b1', 5101, 31, '2026-11-22 04:30+00', '2026-11-22 04:59:55+00',
		'node /srv/orders/worker.js', 'pm2'),
	(32, 27, 25, 1, 'b1', 5201, 32, '2026-11-22 05:00+00', '2026-11-22 09:59:55+00',
		'node /srv/orders/worker.js', 'pm2'),
	(33, 28, 26, 2, 'b2', 6101, 33, '2026-11-22 06:00+00', '2026-11-22 09:59:55+00',
		'node /srv/orders/worker.js', 'pm2'),
	(34, 29, 26, 2, 'b2', 6102, 34, '2026-11-22 06:00+00', '2026-11-22 09:59:55+00',
		'node /srv/orders/worker.js', 'pm2');

INSERT INTO sample (generation_id, at, rss_kb, rss_anon_kb, heap_used_kb, heap_total_kb,
	heap_limit_kb, heap_floor_kb, heap_new_kb, heap_old_kb, heap_large_kb, heap_code_kb,
	heap_other_kb, external_kb, array_buffers_kb, native_contexts, detached_contexts,
	loop_delay_p99_us, loop_delay_max_us, loop_busy_permille, gc_count, gc_full_count, gc_ms,
	resources, timers, listeners, requests, backlog, insides_us, insides_bytes,
	insides_pause_us)
SELECT g.id, t.at, 131072 + m * 512, 98304 + m * 512, 61440 + m * 480, 70000 + m * 480,
	262144, CASE WHEN m % 10 = 0 THEN 57344 + m * 480 END, 2048, 40000 + m * 480, 12288,
	4096, 1024, 3072, 1024, 1, 0, 11800, 24100, 410 + g.id, 900 + m * 6, 30 + m, 4000 + m * 21,
	14, 20000 + m * 12, 11 + m * 5, 90000 + m * 1380, 0, 640, 1480, 210
FROM generation g
CROSS JOIN generate_series('2026-11-22 09:00:55+00'::timestamptz,
	'2026-11-22 09:59:55+00', '1 minute') t (at)
CROSS JOIN LATERAL (
	SELECT (extract(epoch FROM t.at - '2026-11-22 09:00:55+00') / 60)::int8 AS m
) a
WHERE g.id IN (33, 34);
INSERT INTO sample (generation_id, at, rss_kb, rss_anon_kb)
SELECT 32, t.at, 131072, 98304
FROM generate_series('2026-11-22 09:00:55+00'::timestamptz, '2026-11-22 09:59:55+00',
	'1 minute') t (at);

INSERT INTO version_verdict (fingerprint_id, service_id, at, verdict, rate_kb_h,
	rate_low_kb_h, rate_high_kb_h, slots, slots_leaking, hosts, hosts_leaking, exhaust_at,
	wait_s, summary, reasons)
VALUES
	(25, 21, '2026-11-22 09:59:30+00', 'steady', 0, -90, 90, 1, 0, 1, 0, NULL, NULL,
		'orders 2.0.0 · deps 9c01b7 is steady', '[]'),
	(26, 21, '2026-11-22 09:59:30+00', 'leak', 28800, 27900, 29600, 2, 2, 1, 1,
		'2026-11-22 16:00+00', NULL,
		'orders 2.0.0 · deps 3f2a91 leaks: 2 of 2 instances grow by 28 MiB per hour',
		'[{"for": true, "text": "leaks <=> @pm2/io 4.2.1: 1 of 1 hosts against 0 of 1"}]');
UPDATE version_verdict SET level = 'confirmed', kind = 'leak' WHERE fingerprint_id = 26;

INSERT INTO deploy (id, service_id, at, origin, kind, version, note, actor, fingerprint_id,
	created_at)
OVERRIDING SYSTEM VALUE VALUES
	(1, 21, '2026-11-22 05:00+00', 'seen', 'deploy', '2.0.0', '', '', 25, '2026-11-22 05:00+00'),
	(2, 21, '2026-11-22 06:00+00', 'seen', 'deploy', '2.0.0', '', '', 26, '2026-11-22 06:00+00'),
	(3, 21, '2026-11-22 09:30+00', 'api', 'load', '', 'ab -c 10 for ten minutes', 'ada', NULL,
		'2026-11-22 09:31+00');

INSERT INTO census_name (id, service_id, kind, name, location) OVERRIDING SYSTEM VALUE VALUES
	(1, 21, 1, 'Redis error', '/srv/orders/queue.js:18:9'),
	(2, 21, 2, 'Timeout', '/srv/orders/node_modules/@pm2/io/build/main/utils/autocast.js:7:3'),
	(3, 21, 3, 'onmessage', '/srv/orders/worker.js:44:21'),
	(4, 21, 4, 'TCPSocketWrap', ''),
	(5, 21, 5, 'Job', '');
INSERT INTO census (generation_id, at, route, took_us, is_cut, name_ids, counts)
SELECT g, at, 'preload', 1800, h > 2, CASE WHEN h = 4 THEN '{2,3,1,4,5}'::int4[]
		ELSE '{2,3,1,4}' END,
	CASE WHEN h = 4 THEN ARRAY[20600 + h * 720, 900, 11 + h * 300, 14, 8]
		ELSE ARRAY[20600 + h * 720, 900, 11 + h * 300, 14] END::int8[]
FROM (VALUES (33), (34)) AS v (g),
	generate_series(0, 4) AS h,
	LATERAL (SELECT '2026-11-22 05:58+00'::timestamptz + h * interval '1 hour'
		- (g - 33) * interval '20 minutes' AS at) t;

INSERT INTO warning (id, host_id, generation_id, kind, source, fields, signature, first_at,
	last_at, count)
OVERRIDING SYSTEM VALUE VALUES
	(1, 2, 33, 'max_listeners', 'preload', '{"emitter": "Redis", "event": "error",
		"count": "11", "stack": "/srv/orders/queue.js:18:9 < /srv/orders/worker.js:51:3"}',
		'a1', '2026-11-22 06:04+00', '2026-11-22 09:58+00', 2841),
	(2, 2, 34, 'uncaught_exception', 'journal', '{"error": "TypeError"}', 'a2',
		'2026-11-22 08:20+00', '2026-11-22 08:20+00', 1),
	(3, 1, 31, 'oom_kill', 'cgroup', '{"scope": "pm2-root.service", "anon_kb": "524288"}',
		'a3', '2026-11-22 04:59:50+00', '2026-11-22 04:59:50+00', 1),
	(4, 1, NULL, 'oom_kill', 'kernel', '{"scope": "system"}', 'a4', '2026-11-22 04:59:50+00',
		'2026-11-22 04:59:50+00', 1);

INSERT INTO source (id, host_id, name, kind, works, text, took_us, at, changed_at)
OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 'jobs', 'bullmq', true, '', 1900, '2026-11-22 09:59:55+00', '2026-11-22 04:00+00'),
	(2, 1, 'mq', 'rabbitmq', true, '', 5200, '2026-11-22 09:59:50+00', '2026-11-22 09:10+00'),
	(4, 1, 'insides orders', 'none', false, 'services = orders does not ask for insides',
		0, '2026-11-22 09:59:00+00', '2026-11-22 05:00+00'),
	(5, 2, 'insides orders', 'preload', true, '', 640, '2026-11-22 09:59:55+00',
		'2026-11-22 06:00+00'),
	(3, 2, 'old-jobs', 'kue', false, 'no answer within 2,000 ms', 2000000,
		'2026-11-22 09:59:52+00', '2026-11-22 08:00+00');

INSERT INTO queue (id, source_id, kind, name, producers, workers, first_seen_at, last_at)
OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 'bullmq', 'mail', '{checkout}', '{orders,mail*}', '2026-11-22 04:00+00',
		'2026-11-22 09:59:55+00'),
	(2, 2, 'rabbitmq', 'orders.paid', '{check*}', '{orders}', '2026-11-22 04:00+00',
		'2026-11-22 09:59:50+00'),
	(3, 1, 'bullmq', 'reports', '{}', '{}', '2026-11-22 04:00+00', '2026-11-22 09:59:55+00'),
	(4, 3, 'kue', 'images', '{}', '{orders}', '2026-11-22 04:00+00', '2026-11-22 07:59:55+00');

-- `mail` gets 120 a minute and gives 90; its counters began anew at 09:55.  `orders.paid`
-- drains by 30 a minute.  Of `reports` only the depth is known, which stands.
SELECT partition_make('queue_sample', '2026-11-22');
INSERT INTO queue_sample (queue_id, at, depth, waiting, active, delayed, failed, entered,
	completed, failures, oldest_ms, overdue, workers)
SELECT 1, at, 1000 + s / 2, 980 + s / 2, 12, 8, 40,
	CASE WHEN at < '2026-11-22 09:55+00' THEN 500000 ELSE 0 END + s * 2,
	CASE WHEN at < '2026-11-22 09:55+00' THEN 400000 ELSE 0 END + s * 3 / 2,
	40, 600000 + s * 250, 3, 4
FROM generate_series('2026-11-22 09:00:05+00'::timestamptz, '2026-11-22 09:59:55+00',
	'10 seconds') AS t (at),
	LATERAL (SELECT extract(epoch FROM at - '2026-11-22 09:00:05+00')::int8 AS s) a
UNION ALL
SELECT 2, at, 3000 - s / 2, 3000 - s / 2, 0, NULL, NULL, 70000 + s, 60000 + s * 3 / 2, 0,
	NULL, NULL, 2
FROM generate_series('2026-11-22 09:00:10+00'::timestamptz, '2026-11-22 09:59:50+00',
	'20 seconds') AS t (at),
	LATERAL (SELECT extract(epoch FROM at - '2026-11-22 09:00:10+00')::int8 AS s) a
UNION ALL
SELECT 3, at, 7, 7, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM generate_series('2026-11-22 09:50:05+00'::timestamptz, '2026-11-22 09:59:55+00',
	'10 seconds') AS t (at);

SELECT setval(pg_get_serial_sequence(t, 'id'), 1000)
FROM unnest(ARRAY['service', 'fingerprint', 'slot', 'generation', 'content', 'package',
	'deploy', 'census_name', 'warning', 'source', 'queue']) t;
