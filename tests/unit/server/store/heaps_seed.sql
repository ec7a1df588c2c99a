-- Two hosts: shop-1 runs checkout twice and mail once, shop-2 runs checkout; the agent of
-- quiet has been silent for an hour.  All as of now().
INSERT INTO host (id, machine_id, name, interval_ms) OVERRIDING SYSTEM VALUE VALUES
	(1, 'a1', 'shop-1', 10000), (2, 'a2', 'shop-2', 10000), (3, 'a3', 'quiet', 10000);
INSERT INTO agent (id, public_key, host_id, last_seen_at, last_sample_at)
OVERRIDING SYSTEM VALUE
SELECT id, decode(repeat('0' || id, 32), 'hex'), id,
	now() - CASE id WHEN 3 THEN interval '1 hour' ELSE interval '0' END,
	now() - CASE id WHEN 3 THEN interval '1 hour' ELSE interval '0' END
FROM generate_series(1, 3) id;
INSERT INTO service (id, name) OVERRIDING SYSTEM VALUE VALUES (1, 'checkout'), (2, 'mail'),
	(3, 'still');
INSERT INTO fingerprint (id, service_id, version, runtime) OVERRIDING SYSTEM VALUE VALUES
	(1, 1, '1.0', 'node'), (2, 2, '2.0', 'node'), (3, 3, '', 'node');
INSERT INTO slot (id, service_id, host_id, ordinal) OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 1, 0), (2, 1, 1, 1), (3, 2, 1, 0), (4, 1, 2, 0), (5, 3, 3, 0), (6, 1, 2, 1);
-- Seat 6 is empty since two hours.
INSERT INTO generation (id, slot_id, fingerprint_id, host_id, boot_id, pid, start_ticks,
	started_at, last_sample_at, command, rule)
OVERRIDING SYSTEM VALUE
SELECT s.id, s.id, s.service_id, s.host_id, 'boot', 100 + s.id, 1000 + s.id,
	now() - interval '1 day',
	now() - CASE WHEN s.id = 6 THEN interval '2 hours' WHEN s.id = 5 THEN interval '1 hour'
		ELSE interval '0' END, 'node app.js', 'test'
FROM slot s;
INSERT INTO app_user (id, name, password_hash, role) OVERRIDING SYSTEM VALUE VALUES
	(1, 'ada', '', 'admin'), (2, 'bob', '', 'operator');
