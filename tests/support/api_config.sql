-- Central configuration of the small fleet of api_seed.sql: `production` tries a shorter
-- interval on web-1, which has acknowledged; `rest` runs what it always ran, and web-2,
-- which is silent, is of it.

INSERT INTO config_group (id, name, position, host, labels, canary_hosts, part_pct, soak_s,
	automatic, silent_s, cpu_ppm, rss_bytes, created_by, created_at, revision)
OVERRIDING SYSTEM VALUE VALUES
	(1, 'production', 10, '', '{"env": "prod*"}', 1, 25, 600, true, 180, 50000, 67108864, 'ada',
		'2026-11-21 12:00+00', 3),
	(2, 'rest', 1000, '', '{}', 2, 50, 60, false, 180, 50000, 67108864, 'ada',
		'2026-11-21 12:05+00', 1);

INSERT INTO config_revision (id, group_id, settings, hash, note, state, made_by, made_at,
	started_at, ended_at, stage, stage_at, settled_at, reason)
OVERRIDING SYSTEM VALUE VALUES
	(1, 1, '{"interval": "10s", "pss_budget": "20ms"}', 11, 'as before', 'good', 'ada',
		'2026-11-21 12:10+00', '2026-11-21 12:11+00', '2026-11-21 12:45+00', 3,
		'2026-11-21 12:34+00', '2026-11-21 12:35+00', ''),
	(2, 1, '{"interval": "1s"}', 12, 'closer', 'rolled_back', 'bob', '2026-11-21 13:00+00',
		'2026-11-21 13:01+00', '2026-11-21 13:04+00', 1, '2026-11-21 13:01+00',
		'2026-11-21 13:02+00', 'The agent of web-1 takes 6.1 % of a core, more than 5 %'),
	(3, 1, '{"insides": "checkout, shop-*", "interval": "5s"}', 13, 'closer', 'rolling', 'bob',
		'2026-11-22 09:50+00', '2026-11-22 09:55+00', NULL, 1, '2026-11-22 09:55+00',
		'2026-11-22 09:56+00', ''),
	(4, 1, '{"journal": "no"}', 14, '', 'waiting', 'ada', '2026-11-22 09:58+00', NULL, NULL,
		NULL, NULL, NULL, '');
UPDATE config_group SET good_id = 1 WHERE id = 1;
SELECT setval(pg_get_serial_sequence('config_group', 'id'), 2),
	setval(pg_get_serial_sequence('config_revision', 'id'), 4);

INSERT INTO agent_config (agent_id, group_id, desired_id, desired_at, stage, counted,
	base_cpu_ppm, base_rss_bytes) VALUES
	(1, 1, 3, '2026-11-22 09:55+00', 1, true, 3100, 9437184),
	(2, 2, NULL, '2026-11-21 12:05+00', NULL, false, NULL, NULL);
UPDATE agent SET config_id = 3, config_hash = 13, config_at = '2026-11-22 09:55:30+00',
	config_exceptions = 'insides overridden', cpu_ppm = 4200, rss_bytes = 9961472 WHERE id = 1;
