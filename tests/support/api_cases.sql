-- Cases over the fleet of api_seed.sql: earlier alerts of checkout, what people think of the
-- cause of alert 1, and silences of all sorts.

INSERT INTO finding (id, service_id, fingerprint_id, kind, active, first_at, last_at,
	rate_kb_h, rate_low_kb_h, rate_high_kb_h, slots, slots_leaking, hosts, hosts_leaking,
	onset_at, level, cause, summary, reasons)
OVERRIDING SYSTEM VALUE VALUES
	(3, 1, 1, 'native', false, '2026-11-22 04:40+00', '2026-11-22 05:30+00', 4096, 3500,
		4700, 2, 2, 1, 1, '2026-11-22 04:10+00', 'confirmed', 'version 1.0.0',
		'checkout 1.0.0 grows outside its heap by 4.0 MiB per hour', '[]'),
	(4, 1, 2, 'backlog', true, '2026-11-22 09:41+00', '2026-11-22 09:59:30+00', 2048, 1024,
		3072, 2, 1, 1, 1, '2026-11-22 09:20+00', 'confirmed', '',
		'checkout 1.1.0: more work comes in than goes out', '[]');

INSERT INTO finding_version (finding_id, fingerprint_id) VALUES (3, 1), (4, 2);
INSERT INTO finding_slot (finding_id, slot_id, first_at, last_at, rate_kb_h) VALUES
	(3, 1, '2026-11-22 04:40+00', '2026-11-22 05:30+00', 4096),
	(4, 3, '2026-11-22 09:41+00', '2026-11-22 09:59:30+00', 2048);

INSERT INTO alert (id, finding_id, state, opened_at, revision, resolved_at, resolved_by,
	resolution, resolved_in)
OVERRIDING SYSTEM VALUE VALUES
	(3, 3, 'resolved', '2026-11-22 04:40+00', 3, '2026-11-22 06:00+00', 2, 'fixed', '1.0.1'),
	(4, 4, 'open', '2026-11-22 09:41+00', 1, NULL, NULL, '', NULL);

INSERT INTO alert_event (id, alert_id, at, user_id, kind, text) OVERRIDING SYSTEM VALUE VALUES
	(5, 3, '2026-11-22 04:40+00', NULL, 'opened',
		'checkout 1.0.0 grows outside its heap by 4.0 MiB per hour'),
	(6, 3, '2026-11-22 06:00+00', 2, 'resolved', 'The image library is closed after use now'),
	(7, 4, '2026-11-22 09:41+00', NULL, 'opened',
		'checkout 1.1.0: more work comes in than goes out');

INSERT INTO hypothesis (id, alert_id, key, cause, test, result, verdict, remark, author_id,
	changed_at, revision)
OVERRIDING SYSTEM VALUE VALUES
	(1, 1, '', 'Listeners of the queue are never removed',
		'Counted listeners of one process for ten minutes', '14 more each minute', 'likely',
		'see the note of 09:40', 1, '2026-11-22 09:45+00', 1),
	(2, 1, 'code', '', '', '', 'open', 'The diff touches the cart only', 2,
		'2026-11-22 09:50+00', 2);

INSERT INTO silence (id, service, host, version, kind, starts_at, ends_at, weekly, ended_at,
	reason, created_by, created_at, revision)
OVERRIDING SYSTEM VALUE VALUES
	(1, 'checkout', '', '1.1.*', 'leak', '2026-11-22 09:30+00', '2026-11-22 12:00+00', false,
		NULL, 'The rollback is under way', 2, '2026-11-22 09:30+00', 1),
	(2, '', 'web-*', '', '', '2026-11-08 02:00+00', '2026-11-08 04:00+00', true, NULL,
		'Maintenance of the web hosts', 1, '2026-11-07 12:00+00', 2),
	(3, 'postgresql', '', '', '', '2026-11-21 00:00+00', '2026-11-21 06:00+00', false, NULL,
		'', 2, '2026-11-20 18:00+00', 1),
	(4, 'mailer*', '', '', '', '2026-11-23 00:00+00', '2026-11-24 00:00+00', false,
		'2026-11-22 08:00+00', 'Planned, and called off', 2, '2026-11-22 07:00+00', 2);

SELECT setval(pg_get_serial_sequence(t, 'id'), 1000)
FROM unnest(ARRAY['finding', 'alert', 'alert_event', 'hypothesis', 'silence']) t;
