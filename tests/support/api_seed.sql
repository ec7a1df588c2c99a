-- A small fleet at 2026-11-22 10:00 UTC for the tests of the API: service `checkout` on
-- web-1 in two versions of two instances each, of which 1.1.0 leaks and is restarted;
-- two more services; an agent that has been silent for two hours.

SELECT partition_make('sample', '2026-11-22'), partition_make('host_sample', '2026-11-22');

-- Nothing of that day was compacted yet.
UPDATE storage SET closed_to = '2026-11-22 04:00+00', compacted_to = '2026-11-22 04:00+00',
	sealed_to = '2026-11-22 00:00+00';

INSERT INTO host (id, machine_id, name, kernel, cpus, interval_ms, first_seen_at)
OVERRIDING SYSTEM VALUE VALUES
	(1, 'a1', 'web-1', '6.1.0-28-amd64', 4, 10000, '2026-11-21 10:00+00'),
	(2, 'a2', 'web-2', '6.1.0-28-amd64', 2, 10000, '2026-11-21 22:00+00');

INSERT INTO host_label (host_id, key, value) VALUES
	(1, 'env', 'production'), (1, 'zone', 'eu-1'), (2, 'env', 'staging');

INSERT INTO agent (id, public_key, host_id, version, enrolled_at, last_seen_at,
	last_sample_at, clock_skew_ms, spool_bytes, spool_batches, stored_batches,
	repeated_batches, refused_batches, refused_values, last_refusal)
OVERRIDING SYSTEM VALUE VALUES
	(1, decode(repeat('01', 32), 'hex'), 1, '0.1.0', '2026-11-21 10:00+00',
		'2026-11-22 09:59:56+00', '2026-11-22 09:59:55+00', -1000, 0, 0, 8640, 3, 1, 2,
		'tick 3: its time lies two hours ahead'),
	(2, decode(repeat('02', 32), 'hex'), 2, '0.1.0', '2026-11-21 22:00+00',
		'2026-11-22 08:00:00+00', '2026-11-22 07:59:58+00', -2000, 1048576, 120, 3600,
		0, 0, 0, NULL);

INSERT INTO gap (host_id, from_at, to_at, batches, reason) VALUES
	(1, '2026-11-22 09:15+00', '2026-11-22 09:20+00', 30, 'spool full');

INSERT INTO service (id, name, first_seen_at) OVERRIDING SYSTEM VALUE VALUES
	(1, 'checkout', '2026-11-22 04:00+00'),
	(2, 'postgresql', '2026-11-22 04:00+00'),
	(3, 'node /srv/mailer/worker.js', '2026-11-22 09:40+00');

INSERT INTO fingerprint (id, service_id, version, runtime, first_seen_at)
OVERRIDING SYSTEM VALUE VALUES
	(1, 1, '1.0.0', 'node 20.11.1', '2026-11-22 04:00+00'),
	(2, 1, '1.1.0', 'node 20.11.1', '2026-11-22 07:00+00'),
	(3, 2, '15', '', '2026-11-22 04:00+00'),
	(4, 3, '', 'node 20.11.1', '2026-11-22 09:40+00');

INSERT INTO slot (id, service_id, host_id, ordinal) OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 1, 0), (2, 1, 1, 1), (3, 1, 1, 2), (4, 1, 1, 3), (5, 2, 1, 0), (6, 3, 1, 0);

-- Seats 3 and 4 ran 1.0.0 until 09:01, then 1.1.0, which was restarted at 09:30.
INSERT INTO generation (id, slot_id, fingerprint_id, host_id, boot_id, pid, start_ticks,
	started_at, last_sample_at, command, rule)
OVERRIDING SYSTEM VALUE
SELECT id, slot, fingerprint, 1, 'b1', pid, id, started_at::timestamptz, last_at::timestamptz,
	command, rule
FROM (VALUES
	(1, 1, 1, 4101, '2026-11-22 04:00+00', '2026-11-22 09:59:55+00',
		'node /srv/checkout-1.0.0/server.js --port 8101', 'package.json'),
	(2, 2, 1, 4102, '2026-11-22 04:00+00', '2026-11-22 09:59:55+00',
		'node /srv/checkout-1.0.0/server.js --port 8102', 'package.json'),
	(3, 3, 1, 4103, '2026-11-22 04:00+00', '2026-11-22 09:00:50+00',
		'node /srv/checkout-1.0.0/server.js --port 8103', 'package.json'),
	(4, 4, 1, 4104, '2026-11-22 04:00+00', '2026-11-22 09:00:50+00',
		'node /srv/checkout-1.0.0/server.js --port 8104', 'package.json'),
	(5, 3, 2, 4203, '2026-11-22 09:01+00', '2026-11-22 09:29:55+00',
		'node /srv/checkout-1.1.0/server.js --port 8103', 'package.json'),
	(6, 4, 2, 4204, '2026-11-22 09:01+00', '2026-11-22 09:29:55+00',
		'node /srv/checkout-1.1.0/server.js --port 8104', 'package.json'),
	(7, 3, 2, 4303, '2026-11-22 09:30+00', '2026-11-22 09:59:55+00',
		'node /srv/checkout-1.1.0/server.js --port 8103', 'package.json'),
	(8, 4, 2, 4304, '2026-11-22 09:30+00', '2026-11-22 09:59:55+00',
		'node /srv/checkout-1.1.0/server.js --port 8104', 'package.json'),
	(9, 5, 3, 812, '2026-11-22 04:00+00', '2026-11-22 09:59:55+00',
		'/usr/lib/postgresql/15/bin/postgres', 'unit'),
	(10, 6, 4, 9001, '2026-11-22 09:40+00', '2026-11-22 09:59:55+00',
		'node /srv/mailer/worker.js <img onerror=1>', 'script')
) g (id, slot, fingerprint, pid, started_at, last_at, command, rule);

-- Every 10 s from five past the minute; nothing from 09:15 to 09:20, as the gap says.
INSERT INTO sample (generation_id, at, rss_kb, rss_anon_kb, rss_file_kb, cpu_ms, threads,
	fds, cgroup_usage_kb, cgroup_limit_kb, cgroup_oom_kills)
SELECT g.id, t.at, a.anon_kb + 32768, a.anon_kb, 32768, a.age_s * a.cores_pct * 10,
	11, 24 + g.id, a.anon_kb + 40960,
	CASE WHEN g.fingerprint_id = 2 THEN 262144 END,
	CASE WHEN g.slot_id = 4 AND t.at >= '2026-11-22 09:30+00' THEN 1 ELSE 0 END
FROM generation g
CROSS JOIN generate_series('2026-11-22 08:00:05+00'::timestamptz,
	'2026-11-22 09:59:55+00', '10 seconds') t (at)
CROSS JOIN LATERAL (
	SELECT extract(epoch FROM t.at - g.started_at)::int8 AS age_s,
		57344 + g.slot_id * 64 + CASE WHEN g.fingerprint_id = 2
			THEN extract(epoch FROM t.at - g.started_at)::int8 * 17 ELSE 0 END AS anon_kb,
		CASE g.slot_id WHEN 1 THEN 20 WHEN 2 THEN 25 ELSE 5 END AS cores_pct
) a
WHERE t.at >= g.started_at AND t.at <= g.last_sample_at
  AND NOT t.at BETWEEN '2026-11-22 09:15+00' AND '2026-11-22 09:20+00';

INSERT INTO host_sample (host_id, at, mem_total_kb, mem_available_kb, cpu_busy_ms,
	cpu_total_ms, load1_milli)
SELECT 1, t.at, 16384000, 8000000 - 17 * s.up_s, s.up_s * 1000, s.up_s * 4000, 1500
FROM generate_series('2026-11-22 08:00:05+00'::timestamptz,
	'2026-11-22 09:59:55+00', '10 seconds') t (at)
CROSS JOIN LATERAL (
	SELECT extract(epoch FROM t.at - '2026-11-22 08:00+00')::int8 AS up_s
) s
WHERE NOT t.at BETWEEN '2026-11-22 09:15+00' AND '2026-11-22 09:20+00';

INSERT INTO version_verdict (fingerprint_id, service_id, at, verdict, rate_kb_h,
	rate_low_kb_h, rate_high_kb_h, slots, slots_leaking, hosts, hosts_leaking, exhaust_at,
	wait_s, summary, reasons)
VALUES
	(1, 1, '2026-11-22 09:59:30+00', 'steady', 12.5, -180, 205, 2, 0, 1, 0, NULL, NULL,
		'checkout 1.0.0 is steady: 0 of 2 instances grow',
		'[{"for": true, "text": "The slope is 0.0 MiB/h; its interval holds zero"}]'),
	(2, 1, '2026-11-22 09:59:30+00', 'leak', 61200, 58200, 64700, 2, 2, 1, 1,
		'2026-11-22 12:00+00', NULL,
		'checkout 1.1.0 leaks: 2 of 2 instances grow by 60 MiB per hour',
		'[{"for": true, "text": "Anonymous memory grows by 59.8 MiB/h (56.8 to 63.2) on both instances"},
		  {"for": true, "text": "It went on after a restart, from the same level"},
		  {"for": true, "text": "Version 1.0.0 of the same service is flat under the same load"},
		  {"for": false, "text": "Only one host runs this version"}]'),
	(3, 2, '2026-11-22 09:59:30+00', 'steady', 0, -90, 90, 1, 0, 1, 0, NULL, NULL,
		'postgresql 15 is steady', '[]'),
	(4, 3, '2026-11-22 09:59:30+00', 'learning', NULL, NULL, NULL, 1, 0, 1, 0, NULL, 2400,
		'Not enough data yet: about 40 minutes more', '[]');

UPDATE version_verdict SET level = 'confirmed', kind = 'leak',
	onset_at = '2026-11-22 09:01+00'
WHERE fingerprint_id = 2;

INSERT INTO slot_verdict (slot_id, generation_id, fingerprint_id, at, verdict, series,
	rate_kb_h, rate_low_kb_h, rate_high_kb_h, value_kb, limit_kb, exhaust_at, onset_at,
	wait_s, restarts, summary, reasons)
VALUES
	(1, 1, 1, '2026-11-22 09:59:30+00', 'steady', 'rss_anon', 12.5, -180, 205, 57408, NULL,
		NULL, NULL, NULL, 0, 'steady',
		'[{"for": true, "text": "The slope is 0.0 MiB/h; its interval holds zero"}]'),
	(2, 2, 1, '2026-11-22 09:59:30+00', 'steady', 'rss_anon', 8, -190, 201, 57472, NULL,
		NULL, NULL, NULL, 0, 'steady', '[]'),
	(3, 7, 2, '2026-11-22 09:59:30+00', 'leak', 'rss_anon', 61200, 58200, 64700, 87626,
		262144, '2026-11-22 12:00+00', '2026-11-22 09:01+00', NULL, 1,
		'grows by 60 MiB per hour, through 1 restart',
		'[{"for": true, "text": "Anonymous memory grows by 59.8 MiB/h (56.8 to 63.2)"}]'),
	(4, 8, 2, '2026-11-22 09:59:30+00', 'leak', 'rss_anon', 61000, 58000, 64500, 87690,
		262144, '2026-11-22 12:02+00', '2026-11-22 09:01+00', NULL, 1,
		'grows by 60 MiB per hour, through 1 restart', '[]'),
	(5, 9, 3, '2026-11-22 09:59:30+00', 'steady', 'rss_anon', 0, -90, 90, 57664, NULL, NULL,
		NULL, NULL, 0, 'steady', '[]'),
	(6, 10, 4, '2026-11-22 09:59:30+00', 'learning', 'rss_anon', NULL, NULL, NULL, 57728,
		NULL, NULL, NULL, 2400, 0, 'Not enough data yet: about 40 minutes more', '[]');

UPDATE slot_verdict SET level = 'confirmed', kind = 'leak',
	onset_low_at = '2026-11-22 08:59+00', onset_high_at = '2026-11-22 09:04+00',
	exhaust_low_at = '2026-11-22 11:53+00', exhaust_high_at = '2026-11-22 12:09+00'
WHERE fingerprint_id = 2;

INSERT INTO service_trend (service_id, from_at, step_ms, rss_kb) VALUES
	(1, '2026-11-22 09:00+00', 300000, ARRAY[361088, 371088, 381088, NULL, 401088, 411088,
		361088, 371088, 381088, 391088, 401088, 421148]),
	(2, '2026-11-22 09:00+00', 300000, array_fill(90432, ARRAY[12]));

INSERT INTO finding (id, service_id, fingerprint_id, kind, active, first_at, last_at,
	rate_kb_h, rate_low_kb_h, rate_high_kb_h, slots, slots_leaking, hosts, hosts_leaking,
	onset_at, onset_low_at, onset_high_at, exhaust_at, exhaust_low_at, exhaust_high_at,
	level, cause, summary, reasons)
OVERRIDING SYSTEM VALUE
SELECT 1, 1, 2, 'leak', true, '2026-11-22 09:21:30+00', at, rate_kb_h, rate_low_kb_h,
	rate_high_kb_h, slots, slots_leaking, hosts, hosts_leaking, onset_at,
	'2026-11-22 08:59+00', '2026-11-22 09:04+00', exhaust_at, '2026-11-22 11:53+00',
	'2026-11-22 12:09+00', 'confirmed', 'version 1.1.0', summary, reasons
FROM version_verdict WHERE fingerprint_id = 2;

-- Yesterday evening's growth of the database's caches, which is no leak, says bob.
INSERT INTO finding (id, service_id, fingerprint_id, kind, active, first_at, last_at,
	rate_kb_h, rate_low_kb_h, rate_high_kb_h, slots, slots_leaking, hosts, hosts_leaking,
	onset_at, level, summary, reasons)
OVERRIDING SYSTEM VALUE VALUES
	(2, 2, 3, 'native', false, '2026-11-22 05:10+00', '2026-11-22 07:10+00', 9216, 8100,
		10300, 1, 1, 1, 1, '2026-11-22 04:20+00', 'confirmed',
		'postgresql 15 grows outside its heap by 9 MiB per hour', '[]');

INSERT INTO finding_version (finding_id, fingerprint_id) VALUES (1, 2), (2, 3);

INSERT INTO finding_slot (finding_id, slot_id, first_at, last_at, rate_kb_h) VALUES
	(1, 3, '2026-11-22 09:21:30+00', '2026-11-22 09:59:30+00', 61200),
	(1, 4, '2026-11-22 09:22:30+00', '2026-11-22 09:59:30+00', 61000),
	(2, 5, '2026-11-22 05:10+00', '2026-11-22 07:10+00', 9216);

-- The passwords of `ada`, `bob` and `eve` are "correct horse", made with little effort.
INSERT INTO app_user (id, name, password_hash, password_is_one_time, role, created_at)
OVERRIDING SYSTEM VALUE VALUES
	(1, 'ada', '$argon2id$v=19$m=8,t=1,p=1$kJ6JLxOtWNpBl+DsevWuKg$F/0rqkd/HdenIKKJnVLRPU3PU4yaZbtRXekbaD3wSTk', true, 'admin', '2026-11-21 10:00+00'),
	(2, 'bob', '$argon2id$v=19$m=8,t=1,p=1$kJ6JLxOtWNpBl+DsevWuKg$F/0rqkd/HdenIKKJnVLRPU3PU4yaZbtRXekbaD3wSTk', false, 'operator', '2026-11-21 10:00+00'),
	(3, 'eve', '$argon2id$v=19$m=8,t=1,p=1$kJ6JLxOtWNpBl+DsevWuKg$F/0rqkd/HdenIKKJnVLRPU3PU4yaZbtRXekbaD3wSTk', false, 'viewer', '2026-11-21 10:00+00');

INSERT INTO alert (id, finding_id, state, opened_at, revision) OVERRIDING SYSTEM VALUE
VALUES (1, 1, 'open', '2026-11-22 09:21:30+00', 2);

INSERT INTO alert (id, finding_id, state, opened_at, revision, resolved_at, resolved_by,
	resolution)
OVERRIDING SYSTEM VALUE
VALUES (2, 2, 'resolved', '2026-11-22 05:10+00', 2, '2026-11-22 07:00+00', 2, 'not-a-leak');

INSERT INTO feedback (id, service_id, kind, finding_id, rate_kb_h, reason, said_by, said_at)
OVERRIDING SYSTEM VALUE
VALUES (1, 2, 'native', 2, 9216, 'The shared buffers fill after the restart of the night', 2,
	'2026-11-22 07:00+00');

INSERT INTO replay (id, service_id, sensitivity, from_at, to_at, state, asked_by, asked_at,
	ended_at, readings, alarms, text)
OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 'calm', '2026-11-21 10:00+00', '2026-11-22 09:30+00', 'failed', 1,
		'2026-11-22 09:30+00', '2026-11-22 09:31+00', 0, '[]',
		'The server stopped while it ran; ask again'),
	(2, 1, 'eager', '2026-11-22 04:00+00', '2026-11-22 09:50+00', 'done', 1,
		'2026-11-22 09:50+00', '2026-11-22 09:51+00', 5204,
		'[{"host": "web-1", "ordinal": 2, "version": "1.1.0", "level": "watch", "kind": "leak",
			"from_ms": 1795338600000, "to_ms": 1795339200000, "rate_kb_h": 59800},
		  {"host": "web-1", "ordinal": 2, "version": "1.1.0", "level": "confirmed",
			"kind": "leak", "from_ms": 1795339200000, "to_ms": null, "rate_kb_h": 61100},
		  {"host": "web-1", "ordinal": 3, "version": "1.1.0", "level": "watch", "kind": "leak",
			"from_ms": 1795338720000, "to_ms": null, "rate_kb_h": 60400}]', '');

INSERT INTO alert_event (id, alert_id, at, user_id, kind, text) OVERRIDING SYSTEM VALUE
VALUES
	(1, 1, '2026-11-22 09:21:30+00', NULL, 'opened',
		'checkout 1.1.0 leaks: 2 of 2 instances grow by 60 MiB per hour'),
	(2, 1, '2026-11-22 09:40:00+00', 1, 'note', 'Looks like the listeners of the queue'),
	(3, 2, '2026-11-22 05:10:00+00', NULL, 'opened',
		'postgresql 15 grows outside its heap by 9 MiB per hour'),
	(4, 2, '2026-11-22 07:00:00+00', 2, 'dismissed',
		'The shared buffers fill after the restart of the night');

INSERT INTO token (id, kind, name, secret_hash, created_at, created_by, expires_at,
	max_uses, uses, revoked_at)
VALUES
	('00f1e2d3c4b5a697', 'api', 'dashboards', decode(repeat('00', 32), 'hex'),
		'2026-11-22 09:00+00', 1, '2027-02-20 09:00+00', NULL, 0, NULL),
	('8c1d2e3f4a5b6c7d', 'join', 'first hosts', decode(repeat('00', 32), 'hex'),
		'2026-11-21 10:00+00', NULL, '2026-11-21 11:00+00', 2, 2, '2026-11-21 12:00+00');
UPDATE token SET host_glob = 'shop-*' WHERE id = '8c1d2e3f4a5b6c7d';
INSERT INTO token_label VALUES ('8c1d2e3f4a5b6c7d', 'zone', 'north');

-- One that is over, one that goes on.
INSERT INTO experiment (id, service_id, name, note, from_at, to_at, created_by, created_at)
OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 'load of 40/s on the old version', 'autocannon, ten minutes', '2026-11-22 06:00+00',
		'2026-11-22 06:10+00', 'bob', '2026-11-22 06:00+00'),
	(2, 1, 'canary of 1.1.0', '', '2026-11-22 09:30+00', NULL, 'bob', '2026-11-22 09:30+00');

-- Who is told of alerts: one who is reached, one who is not, mail, an Alertmanager.
INSERT INTO target (id, name, kind, url, service, events, enabled, created_by, created_at,
	recipients, sender, username, a_minute)
OVERRIDING SYSTEM VALUE VALUES
	(1, 'on call', 'webhook', 'https://hooks.example.com/T0/B1', '',
		'{opened,reopened,escalated,regressed}', true, 'ada', '2026-11-22 05:00+00', '', '', '', 30),
	(2, 'team checkout', 'webhook', 'http://192.0.2.9:9000/tidemark', 'checkout*',
		'{opened,resolved,verified}', false, 'ada', '2026-11-22 05:00+00', '', '', '', 30),
	(3, 'by mail', 'smtp', 'smtp://mail.example.com:587', '', '{opened,regressed,verified}', false,
		'ada', '2026-11-22 05:00+00', 'ops@example.com, ada@example.com',
		'tidemark@example.com', 'tidemark', 6),
	(4, 'our Alertmanagers', 'alertmanager',
		'http://am-1.example.com:9093 http://am-2.example.com:9093', '', '{opened,resolved}', false,
		'ada', '2026-11-22 05:00+00', '', '', '', 120);
UPDATE target_secret SET password = 'not shown' WHERE target_id = 3;
UPDATE target_secret SET signing = 'not shown', made_at = '2026-11-22 05:00+00',
	old_until = '2199-01-01 00:00+00' WHERE target_id = 1;
UPDATE target_state SET failures = 4, next_at = '2026-11-22 10:00:20+00' WHERE target_id = 1;
INSERT INTO message (id, target_id, event_id, state, made_at, next_at, sent_at, tries, problem,
	due_at, digest, folded_into, key)
OVERRIDING SYSTEM VALUE VALUES
	(1, 1, NULL, 'sent', '2026-11-22 05:01+00', '2026-11-22 05:02+00', '2026-11-22 05:01:01+00',
		1, '', '2026-11-22 05:01+00', false, NULL, '1f0c4a52-3f65-4d0e-9a63-000000000001'),
	(2, 1, (SELECT min(id) FROM alert_event WHERE alert_id = 1), 'waiting',
		'2026-11-22 09:45+00', '2026-11-22 10:00:20+00', NULL, 4,
		'the receiver answered with 503', '2026-11-22 09:45+00', false, NULL,
		'1f0c4a52-3f65-4d0e-9a63-000000000002'),
	(3, 1, NULL, 'failed', '2026-11-22 05:03+00', '2026-11-22 05:04+00', NULL, 1,
		'Couldn''t resolve host name', '2026-11-22 05:03+00', true, NULL,
		'1f0c4a52-3f65-4d0e-9a63-000000000003'),
	(4, 1, (SELECT min(id) FROM alert_event WHERE alert_id = 1), 'folded',
		'2026-11-22 05:02+00', '2026-11-22 05:02+00', NULL, 0, '', '2026-11-22 05:02+00', false, 3,
		'1f0c4a52-3f65-4d0e-9a63-000000000004');

-- What is made by the tests gets ids far from these.
SELECT setval(pg_get_serial_sequence(t, 'id'), 1000)
FROM unnest(ARRAY['host', 'agent', 'service', 'fingerprint', 'slot', 'generation', 'finding',
	'app_user', 'alert', 'alert_event', 'feedback', 'replay', 'experiment', 'target',
	'message']) t;
