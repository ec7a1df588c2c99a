-- A door for Grafana and psql: what is read here keeps its names and meaning, whatever
-- becomes of the tables behind it (docs/storage.md, "Reading with SQL").  Views are read
-- with the rights of their owner, so that a role which may only use this schema sees
-- readings and no users, tokens or secrets.
--
-- Columns may be added at the end.  What changes otherwise gets a new name.
CREATE SCHEMA tm_api;

-- schema/metric.def: what the numbers of metrics mean.
CREATE TABLE tm_api.metric (
	scope  text NOT NULL,             -- process, host or queue
	number int4 NOT NULL,
	name   text NOT NULL,             -- and column of the readings
	kind   text NOT NULL,             -- gauge or counter
	unit   text NOT NULL,
	PRIMARY KEY (scope, number)
);
INSERT INTO tm_api.metric (scope, number, name, kind, unit) VALUES
	('process', 0, 'rss_kb', 'gauge', 'KiB'),
	('process', 1, 'rss_anon_kb', 'gauge', 'KiB'),
	('process', 2, 'rss_file_kb', 'gauge', 'KiB'),
	('process', 3, 'rss_shmem_kb', 'gauge', 'KiB'),
	('process', 4, 'swap_kb', 'gauge', 'KiB'),
	('process', 5, 'pss_kb', 'gauge', 'KiB'),
	('process', 6, 'cpu_ms', 'counter', 'ms'),
	('process', 7, 'threads', 'gauge', 'count'),
	('process', 8, 'fds', 'gauge', 'count'),
	('process', 9, 'minor_faults', 'counter', 'count'),
	('process', 10, 'major_faults', 'counter', 'count'),
	('process', 11, 'cgroup_usage_kb', 'gauge', 'KiB'),
	('process', 12, 'cgroup_limit_kb', 'gauge', 'KiB'),
	('process', 13, 'cgroup_oom_kills', 'counter', 'count'),
	('process', 14, 'heap_used_kb', 'gauge', 'KiB'),
	('process', 15, 'heap_total_kb', 'gauge', 'KiB'),
	('process', 16, 'heap_limit_kb', 'gauge', 'KiB'),
	('process', 17, 'heap_floor_kb', 'gauge', 'KiB'),
	('process', 18, 'heap_new_kb', 'gauge', 'KiB'),
	('process', 19, 'heap_old_kb', 'gauge', 'KiB'),
	('process', 20, 'heap_large_kb', 'gauge', 'KiB'),
	('process', 21, 'heap_code_kb', 'gauge', 'KiB'),
	('process', 22, 'heap_other_kb', 'gauge', 'KiB'),
	('process', 23, 'external_kb', 'gauge', 'KiB'),
	('process', 24, 'array_buffers_kb', 'gauge', 'KiB'),
	('process', 25, 'native_contexts', 'gauge', 'count'),
	('process', 26, 'detached_contexts', 'gauge', 'count'),
	('process', 27, 'loop_delay_p99_us', 'gauge', 'us'),
	('process', 28, 'loop_delay_max_us', 'gauge', 'us'),
	('process', 29, 'loop_busy_permille', 'gauge', '1/1000'),
	('process', 30, 'gc_count', 'counter', 'count'),
	('process', 31, 'gc_full_count', 'counter', 'count'),
	('process', 32, 'gc_ms', 'counter', 'ms'),
	('process', 33, 'resources', 'gauge', 'count'),
	('process', 34, 'timers', 'gauge', 'count'),
	('process', 35, 'listeners', 'gauge', 'count'),
	('process', 36, 'requests', 'counter', 'count'),
	('process', 37, 'backlog', 'gauge', 'count'),
	('process', 38, 'insides_us', 'gauge', 'us'),
	('process', 39, 'insides_bytes', 'gauge', 'bytes'),
	('process', 40, 'insides_pause_us', 'gauge', 'us'),
	('host', 0, 'mem_total_kb', 'gauge', 'KiB'),
	('host', 1, 'mem_available_kb', 'gauge', 'KiB'),
	('host', 2, 'mem_free_kb', 'gauge', 'KiB'),
	('host', 3, 'cached_kb', 'gauge', 'KiB'),
	('host', 4, 'anon_kb', 'gauge', 'KiB'),
	('host', 5, 'shmem_kb', 'gauge', 'KiB'),
	('host', 6, 'slab_kb', 'gauge', 'KiB'),
	('host', 7, 'swap_total_kb', 'gauge', 'KiB'),
	('host', 8, 'swap_free_kb', 'gauge', 'KiB'),
	('host', 9, 'cpu_busy_ms', 'counter', 'ms'),
	('host', 10, 'cpu_total_ms', 'counter', 'ms'),
	('host', 11, 'load1_milli', 'gauge', '1/1000'),
	('host', 12, 'psi_memory_some_us', 'counter', 'us'),
	('host', 13, 'psi_memory_full_us', 'counter', 'us'),
	('host', 14, 'psi_cpu_some_us', 'counter', 'us'),
	('host', 15, 'psi_io_some_us', 'counter', 'us'),
	('host', 16, 'oom_kills', 'counter', 'count'),
	('host', 17, 'processes', 'gauge', 'count'),
	('host', 18, 'rest_processes', 'gauge', 'count'),
	('host', 19, 'rest_rss_kb', 'gauge', 'KiB'),
	('host', 20, 'rest_anon_kb', 'gauge', 'KiB'),
	('queue', 0, 'depth', 'gauge', 'count'),
	('queue', 1, 'waiting', 'gauge', 'count'),
	('queue', 2, 'active', 'gauge', 'count'),
	('queue', 3, 'delayed', 'gauge', 'count'),
	('queue', 4, 'failed', 'gauge', 'count'),
	('queue', 5, 'entered', 'counter', 'count'),
	('queue', 6, 'completed', 'counter', 'count'),
	('queue', 7, 'failures', 'counter', 'count'),
	('queue', 8, 'oldest_ms', 'gauge', 'ms'),
	('queue', 9, 'overdue', 'gauge', 'count'),
	('queue', 10, 'workers', 'gauge', 'count');

CREATE VIEW tm_api.host AS
SELECT h.id AS host_id, h.name AS host, h.kernel, h.cpus,
       h.interval_ms, h.first_seen_at, a.last_seen_at, a.last_sample_at
FROM host h
LEFT JOIN LATERAL (
	SELECT last_seen_at, last_sample_at FROM agent
	WHERE host_id = h.id AND revoked_at IS NULL
	ORDER BY last_seen_at DESC NULLS LAST
	LIMIT 1
) a ON true;

CREATE VIEW tm_api.service AS
SELECT id AS service_id, name AS service, first_seen_at FROM service;

-- Every process that was ever followed.  `seat` tells those of one service on one host
-- apart, and outlives them.
CREATE VIEW tm_api.process AS
SELECT g.id AS process_id, v.name AS service, h.name AS host, s.ordinal AS seat,
       f.version, f.runtime, g.pid, g.command, g.started_at, g.last_sample_at,
       g.slot_id AS seat_id, s.service_id, g.host_id, g.fingerprint_id AS version_id
FROM generation g
JOIN slot s ON s.id = g.slot_id
JOIN service v ON v.id = s.service_id
JOIN host h ON h.id = g.host_id
JOIN fingerprint f ON f.id = g.fingerprint_id;

-- Readings that are rows still: of about the last hour, and late ones.  Older ones: see
-- tm_api.seat_hour, the API, and `tidemark-server storage export`.
CREATE VIEW tm_api.process_reading AS
SELECT p.service, p.host, p.seat, p.version, p.process_id, r.at,
	r.rss_kb, r.rss_anon_kb, r.rss_file_kb, r.rss_shmem_kb, r.swap_kb, r.pss_kb, r.cpu_ms,
	r.threads, r.fds, r.minor_faults, r.major_faults, r.cgroup_usage_kb, r.cgroup_limit_kb,
	r.cgroup_oom_kills, r.heap_used_kb, r.heap_total_kb, r.heap_limit_kb, r.heap_floor_kb,
	r.heap_new_kb, r.heap_old_kb, r.heap_large_kb, r.heap_code_kb, r.heap_other_kb,
	r.external_kb, r.array_buffers_kb, r.native_contexts, r.detached_contexts,
	r.loop_delay_p99_us, r.loop_delay_max_us, r.loop_busy_permille, r.gc_count,
	r.gc_full_count, r.gc_ms, r.resources, r.timers, r.listeners, r.requests, r.backlog,
	r.insides_us, r.insides_bytes, r.insides_pause_us
FROM (SELECT * FROM sample UNION ALL SELECT * FROM sample_late) r
JOIN tm_api.process p ON p.process_id = r.generation_id;

CREATE VIEW tm_api.host_reading AS
SELECT h.name AS host, r.host_id, r.at,
	r.mem_total_kb, r.mem_available_kb, r.mem_free_kb, r.cached_kb, r.anon_kb, r.shmem_kb,
	r.slab_kb, r.swap_total_kb, r.swap_free_kb, r.cpu_busy_ms, r.cpu_total_ms,
	r.load1_milli, r.psi_memory_some_us, r.psi_memory_full_us, r.psi_cpu_some_us,
	r.psi_io_some_us, r.oom_kills, r.processes, r.rest_processes, r.rest_rss_kb,
	r.rest_anon_kb
FROM (SELECT * FROM host_sample UNION ALL SELECT * FROM host_sample_late) r
JOIN host h ON h.id = r.host_id;

-- Queues stay rows as long as readings are kept.
CREATE VIEW tm_api.queue_reading AS
SELECT h.name AS host, o.name AS source, q.kind, q.name AS queue, r.*
FROM queue_sample r
JOIN queue q ON q.id = r.queue_id
JOIN source o ON o.id = q.source_id
JOIN host h ON h.id = o.host_id;

-- Hours of a seat, of days that are over.  Of gauges: readings, their mean, the lowest,
-- highest and last.  Of counters: the seconds that were seen, the increase and its mean
-- per hour, the lowest and highest increase per hour from one reading to the next, and
-- the last reading.
CREATE VIEW tm_api.seat_hour AS
SELECT v.name AS service, h.name AS host, s.ordinal AS seat, m.name AS metric, m.kind, m.unit,
       r.at + (e.hour - 1) * interval '1 hour' AS at,
       e.n, e.sum,
       CASE m.kind WHEN 'gauge' THEN e.sum::float8 / e.n ELSE e.sum * 3600.0::float8 / e.n END
       AS mean,
       e.low, e.high, e.last, r.slot_id AS seat_id
FROM slot_rollup r
JOIN tm_api.metric m ON m.scope = 'process' AND m.number = r.metric
JOIN slot s ON s.id = r.slot_id
JOIN service v ON v.id = s.service_id
JOIN host h ON h.id = s.host_id
CROSS JOIN LATERAL unnest(r.n, r.sum, r.low, r.high, r.last)
	WITH ORDINALITY AS e (n, sum, low, high, last, hour)
WHERE e.n > 0;

-- A quantile (0 to 1) of a stored sketch, right within 1 %: docs/storage.md, "Sketches".
-- NULL of nothing, and of a version that is not known here.
CREATE FUNCTION tm_api.quantile(sketch bytea, q float8) RETURNS int8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
	growth float8 := 1.01::float8 / 0.99::float8;
	numbers int8[] := '{}';
	number int8 := 0;
	shift int4 := 0;
	byte int4;
	total int8;
	rank float8;
	seen int8;
	bucket int8 := -1;
BEGIN
	IF length(sketch) < 2 OR get_byte(sketch, 0) <> 1 THEN
		RETURN NULL;
	END IF;
	FOR i IN 1 .. length(sketch) - 1 LOOP
		byte := get_byte(sketch, i);
		number := number | ((byte & 127)::int8 << shift);
		shift := shift + 7;
		IF byte < 128 THEN
			numbers := numbers || number;
			number := 0;
			shift := 0;
		END IF;
	END LOOP;
	total := numbers[1];
	FOR i IN 3 .. cardinality(numbers) BY 2 LOOP
		total := total + numbers[i];
	END LOOP;
	IF total = 0 THEN
		RETURN NULL;
	END IF;
	rank := floor(q * (total - 1));
	seen := numbers[1];
	IF rank < seen THEN
		RETURN 0;
	END IF;
	FOR i IN 2 .. cardinality(numbers) - 1 BY 2 LOOP
		bucket := bucket + numbers[i] + 1;
		seen := seen + numbers[i + 1];
		EXIT WHEN rank < seen;
	END LOOP;
	RETURN LEAST(power(growth, bucket) * 2 / (growth + 1), 9.2e18);
END $$;

-- All instances of a version of a service, in steps of five minutes, which are kept as long
-- as readings, and of an hour: of each its greatest reading in the step, of counters its
-- increase per hour.
CREATE VIEW tm_api.version_step AS
SELECT v.name AS service, f.version, f.runtime, m.name AS metric, m.kind, m.unit,
       r.at, r.step_s, r.n AS instances, r.sum::float8 / NULLIF(r.n, 0) AS mean,
       r.low, tm_api.quantile(r.sketch, 0.1) AS p10, tm_api.quantile(r.sketch, 0.5) AS median,
       tm_api.quantile(r.sketch, 0.9) AS p90, r.high, r.fingerprint_id AS version_id
FROM version_rollup r
JOIN tm_api.metric m ON m.scope = 'process' AND m.number = r.metric
JOIN service v ON v.id = r.service_id
JOIN fingerprint f ON f.id = r.fingerprint_id;
