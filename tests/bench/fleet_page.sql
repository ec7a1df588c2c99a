-- A fleet of bench.hosts machines, each with a seat of 20 of bench.services services, at
-- bench.now (seconds; all are settings), as ingest and the watch would have left it after 30 days: each seat has had 20
-- processes and each service ten versions, of which two run; of one in ten services the newer
-- one leaks.  Beside it stands what the agents and the detector said in that time, and the
-- newest minutes of readings.
SET session_replication_role = replica;
SET synchronous_commit = off;

CREATE TABLE ask AS
SELECT current_setting('bench.hosts')::int4 AS hosts,
	current_setting('bench.services')::int4 AS services, 20 AS lives,
	to_timestamp(current_setting('bench.now')::int8) AS now_at;

INSERT INTO host (machine_id, name, kernel, cpus, interval_ms, first_seen_at)
SELECT 'machine ' || h, 'node-' || to_char(h, 'FM00000'), '6.1.0-28-amd64', 8, 10000,
	now_at - interval '30 days'
FROM ask, generate_series(1, hosts) AS h;

INSERT INTO host_label (host_id, key, value)
SELECT h, 'zone', 'zone-' || h % 7 FROM ask, generate_series(1, hosts) AS h
UNION ALL
SELECT h, 'env', CASE WHEN h % 10 = 0 THEN 'staging' ELSE 'production' END
FROM ask, generate_series(1, hosts) AS h;
INSERT INTO package (name, version)
SELECT CASE WHEN p % 5 = 0 THEN '@scope/' ELSE '' END || 'package-' || p / 4, p % 4 || '.0.0'
FROM generate_series(1, 40000) AS p;

INSERT INTO agent (public_key, host_id, version, enrolled_at, last_seen_at, last_sample_at,
	clock_skew_ms, stored_batches)
SELECT decode(lpad(to_hex(h), 64, '0'), 'hex'), h, '0.6.0', now_at - interval '30 days',
	-- One in a hundred is silent.
	CASE WHEN h % 100 = 0 THEN now_at - interval '3 hours' ELSE now_at END,
	CASE WHEN h % 100 = 0 THEN now_at - interval '3 hours' ELSE now_at END, 40, 259200
FROM ask, generate_series(1, hosts) AS h;

INSERT INTO gap (host_id, from_at, to_at, batches, reason)
SELECT h, now_at - d * interval '1 day', now_at - d * interval '1 day' + interval '1 minute', 6,
	'full'
FROM ask, generate_series(1, hosts, 10) AS h, generate_series(1, 5) AS d;

INSERT INTO service (name, first_seen_at)
SELECT 'service-' || to_char(s, 'FM000'), now_at - interval '30 days'
FROM ask, generate_series(1, services) AS s;

INSERT INTO content (hash, app, app_version, git_head, build_id, image, runtime,
	runtime_version, source, is_cut, environment, remarks)
SELECT md5(s || ' ' || v), 'service-' || s, '1.' || v || '.0', md5('git' || s || v), '',
	'registry/service:' || v, 'node', '18.19.0', 'package-lock.json', false, '{}', '{}'
FROM ask, generate_series(1, services) AS s, generate_series(1, 10) AS v;

INSERT INTO fingerprint (service_id, version, runtime, first_seen_at, hash)
SELECT s, '1.' || v || '.0', 'node 18.19.0', now_at - interval '30 days' + v * interval '70 hours',
	md5(s || ' ' || v)
FROM ask, generate_series(1, services) AS s, generate_series(1, 10) AS v;

INSERT INTO slot (service_id, host_id, ordinal)
SELECT 1 + (h * 20 + s) % services, h, 0
FROM ask, generate_series(1, hosts) AS h, generate_series(1, 20) AS s;

-- In the order in which they began, as ingest makes them.  The last two versions run side
-- by side; a quarter has the newest.
INSERT INTO generation (slot_id, fingerprint_id, host_id, boot_id, pid, start_ticks,
	started_at, last_sample_at, command, rule)
SELECT t.id, (t.service_id - 1) * 10 + CASE WHEN n = lives AND t.host_id % 4 = 0 THEN 10
		ELSE GREATEST(1, LEAST(9, n / 2)) END,
	t.host_id, '5f0e7b1c-6b8e-4bd4-9d7e-1f2a3b4c5d6e', 1000 + n * 40 + t.service_id,
	n::int8 * 1000000 + t.service_id, now_at - (lives - n + 1) * interval '34 hours',
	CASE WHEN n < lives THEN now_at - (lives - n) * interval '34 hours'
		WHEN t.host_id % 100 = 0 THEN now_at - interval '3 hours' ELSE now_at END,
	'/usr/bin/node --max-old-space-size=2048 /srv/service-' || t.service_id
		|| '/dist/server.js --port 3000 --config /etc/service/production.json', 'systemd'
FROM ask, generate_series(1, lives) AS n, slot AS t
ORDER BY n, t.host_id, t.service_id;
SELECT slot_seat(ARRAY(SELECT id FROM slot));

INSERT INTO slot_verdict (slot_id, generation_id, fingerprint_id, at, verdict, series, level,
	kind, silent, rate_kb_h, rate_low_kb_h, rate_high_kb_h, value_kb, limit_kb, restarts,
	summary, reasons)
SELECT g.slot_id, g.id, g.fingerprint_id, now_at - interval '20 minutes',
	CASE WHEN leaks THEN 'leak' WHEN g.slot_id % 7 = 0 THEN 'warmup' ELSE 'steady' END,
	'rss_anon', CASE WHEN leaks THEN 'confirmed' ELSE '' END,
	CASE WHEN leaks THEN 'leak' ELSE '' END, g.host_id % 100 = 0, 900 * leaks::int4,
	800 * leaks::int4, 1000 * leaks::int4, 180000 + g.slot_id % 9000, 2097152, 19,
	'Grows by 0.9 MiB an hour since it began, whatever the load is',
	jsonb_build_array(jsonb_build_object('for', true, 'text',
		'Its memory grows by 0.9 MiB an hour (0.8 to 1.0) over 30 h, and has not fallen'),
	jsonb_build_object('for', false, 'text', 'The load has not changed in that time'))
FROM ask, generation g
CROSS JOIN LATERAL (SELECT g.fingerprint_id % 100 = 0 AS leaks) l
WHERE g.last_sample_at >= now_at - interval '3 hours';

INSERT INTO version_verdict (fingerprint_id, service_id, at, verdict, level, kind, rate_kb_h,
	rate_low_kb_h, rate_high_kb_h, slots, slots_leaking, hosts, hosts_leaking, summary,
	reasons)
SELECT f.id, f.service_id, CASE WHEN f.id % 10 IN (9, 0) THEN now_at
		ELSE now_at - interval '5 days' END,
	CASE WHEN f.id % 100 = 0 THEN 'leak' ELSE 'steady' END,
	CASE WHEN f.id % 100 = 0 THEN 'confirmed' ELSE '' END,
	CASE WHEN f.id % 100 = 0 THEN 'leak' ELSE '' END, 900, 800, 1000, hosts / 4, hosts / 4,
	hosts / 4, hosts / 4, 'Every instance grows by 0.9 MiB an hour', '[]'
FROM ask, fingerprint f;

INSERT INTO service_trend (service_id, from_at, step_ms, rss_kb)
SELECT s, now_at - interval '2 hours', 120000,
	ARRAY(SELECT hosts * 180000::int8 + i FROM generate_series(1, 60) AS i)
FROM ask, generate_series(1, services) AS s;

-- A finding of each version; of the newest every tenth is open, the rest are history.
INSERT INTO finding (service_id, fingerprint_id, kind, active, first_at, last_at, rate_kb_h,
	rate_low_kb_h, rate_high_kb_h, slots, slots_leaking, hosts, hosts_leaking, summary,
	reasons, level, cause, confirmed_at)
SELECT f.service_id, f.id, 'leak', f.id % 10 = 0, f.first_seen_at, CASE WHEN f.id % 10 = 0
	THEN now_at ELSE f.first_seen_at + interval '1 day' END, 900, 800, 1000, hosts / 4,
	hosts / 4, hosts / 4, hosts / 4, 'Every instance grows by 0.9 MiB an hour', '[]',
	'confirmed', 'version ' || f.version, now_at
FROM ask, fingerprint f;
INSERT INTO finding_version (finding_id, fingerprint_id) SELECT id, fingerprint_id FROM finding;
INSERT INTO finding_slot (finding_id, slot_id, first_at, last_at, rate_kb_h)
SELECT f.id, s.id, f.first_at, f.last_at, 900
FROM finding f
JOIN slot s ON s.service_id = f.service_id AND s.host_id % 4 = 0;
INSERT INTO alert (finding_id, state, opened_at, resolution, resolved_at)
SELECT id, CASE WHEN active THEN 'open' ELSE 'resolved' END, first_at,
	CASE WHEN active THEN '' ELSE 'gone' END, CASE WHEN NOT active THEN last_at END
FROM finding;

INSERT INTO deploy (service_id, at, origin, kind, version, fingerprint_id)
SELECT service_id, first_seen_at, 'seen', 'deploy', version, id FROM fingerprint;

INSERT INTO source (host_id, name, kind, at, changed_at)
SELECT h, 'redis', 'redis', now_at, now_at - interval '1 day'
FROM ask, generate_series(1, LEAST(hosts, 10)) AS h;
INSERT INTO queue (source_id, kind, name, producers, workers, first_seen_at, last_at)
SELECT s.id, 'bull', 'queue-' || to_char(q, 'FM00') || '-' || s.id,
	ARRAY['service-0' || to_char(q, 'FM00')], ARRAY['service-0' || to_char(q, 'FM00')],
	now_at - interval '30 days', now_at
FROM ask, source s, generate_series(1, 20) AS q;

SELECT partition_make('queue_sample', (now_at - d * interval '1 day')::date)
FROM ask, generate_series(-1, 1) AS d;
INSERT INTO queue_sample (queue_id, at, depth, waiting, active, entered, completed)
SELECT q.id, at, 100, 90, 10, extract(epoch FROM at)::int8, extract(epoch FROM at)::int8
FROM ask, queue q, generate_series(now_at - interval '1 hour', now_at, interval '10 s') AS at;

SELECT partition_make_hour(t, now_at - h * interval '1 hour')
FROM ask, unnest(ARRAY['sample', 'host_sample']) AS t, generate_series(-1, 1) AS h;
INSERT INTO sample (generation_id, at, rss_kb, rss_anon_kb, rss_file_kb, swap_kb, cpu_ms,
	threads, fds, heap_used_kb, heap_total_kb)
SELECT s.life_id, at + s.host_id * interval '1 ms', 180000, 160000, 20000, 0, 4000, 11, 30,
	90000, 120000
FROM ask, generate_series(now_at - interval '4 minutes', now_at - interval '2 s',
	interval '10 s') AS at, slot s
ORDER BY at, s.host_id;
INSERT INTO host_sample (host_id, at, mem_total_kb, mem_available_kb)
SELECT id, at, 33554432, 16777216
FROM ask, generate_series(now_at - interval '4 minutes', now_at, interval '10 s') AS at, host
ORDER BY at;

INSERT INTO app_user (id, name, password_hash, password_is_one_time, role, created_at)
OVERRIDING SYSTEM VALUE VALUES (3, 'eve', '$argon2id$v=19$m=8,t=1,p=1$kJ6JLxOtWNpBl+DsevWuKg'
	|| '$F/0rqkd/HdenIKKJnVLRPU3PU4yaZbtRXekbaD3wSTk', false, 'viewer', now());
SET session_replication_role = origin;
