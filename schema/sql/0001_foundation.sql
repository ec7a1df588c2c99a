-- The first schema: who is watched (host, service, slot, generation), what was read
-- (sample, host_sample), what it means (verdicts, findings, alerts), and who looks
-- (users, sessions, tokens).  Names live once, in dictionaries with integer keys;
-- samples carry integers only.

-- A machine, by the keyed hash of its machine-id.
CREATE TABLE host (
	id            int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	machine_id    text NOT NULL UNIQUE,
	name          text NOT NULL,
	kernel        text NOT NULL DEFAULT '',
	cpus          int4 NOT NULL DEFAULT 0,
	interval_ms   int4 NOT NULL DEFAULT 0,
	first_seen_at timestamptz NOT NULL DEFAULT now()
);

-- An enrolled agent.  Its CURVE public key is its identity; nothing in a payload is.
CREATE TABLE agent (
	id              int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	public_key      bytea NOT NULL UNIQUE CHECK (length(public_key) = 32),
	host_id         int4 NOT NULL REFERENCES host,
	version         text NOT NULL DEFAULT '',
	token_id        text,
	enrolled_at     timestamptz NOT NULL DEFAULT now(),
	revoked_at      timestamptz,
	last_seen_at    timestamptz,          -- server's clock when the last batch was stored
	last_sample_at  timestamptz,          -- agent's clock of the newest sample stored
	clock_skew_ms   int8,                 -- last_sample_at − arrival, of a batch sent without backlog
	spool_bytes     int8 NOT NULL DEFAULT 0,
	spool_batches   int8 NOT NULL DEFAULT 0,
	stored_batches  int8 NOT NULL DEFAULT 0,
	repeated_batches int8 NOT NULL DEFAULT 0,
	refused_batches int8 NOT NULL DEFAULT 0,
	refused_values  int8 NOT NULL DEFAULT 0,
	last_refusal    text
);
CREATE INDEX agent_host ON agent (host_id);

-- Which batches of a spool are stored.  A contiguous run is one range, so the set
-- stays small; the row's lock serialises two servers that receive the same batch.
CREATE TABLE stream (
	agent_id   int4 NOT NULL REFERENCES agent,
	epoch      int8 NOT NULL,
	stored     int8multirange NOT NULL DEFAULT '{}',
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (agent_id, epoch)
) WITH (fillfactor = 50);

-- What an agent had to drop before it could be sent.
CREATE TABLE gap (
	id      int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	host_id int4 NOT NULL REFERENCES host,
	from_at timestamptz NOT NULL,
	to_at   timestamptz NOT NULL,
	batches int8 NOT NULL,
	reason  text NOT NULL
);
CREATE INDEX gap_host ON gap (host_id, to_at);

CREATE TABLE service (
	id            int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name          text NOT NULL UNIQUE,
	first_seen_at timestamptz NOT NULL DEFAULT now()
);

-- The version axis of a service.
CREATE TABLE fingerprint (
	id            int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	service_id    int4 NOT NULL REFERENCES service,
	version       text NOT NULL,          -- '' when unknown
	runtime       text NOT NULL,
	first_seen_at timestamptz NOT NULL DEFAULT now(),
	UNIQUE (service_id, version, runtime)
);

-- One seat of a service on a host; it outlives processes.
CREATE TABLE slot (
	id         int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	service_id int4 NOT NULL REFERENCES service,
	host_id    int4 NOT NULL REFERENCES host,
	ordinal    int4 NOT NULL,
	UNIQUE (service_id, host_id, ordinal)
);
CREATE INDEX slot_host ON slot (host_id);

-- One process life in a slot.
CREATE TABLE generation (
	id             int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	slot_id        int4 NOT NULL REFERENCES slot,
	fingerprint_id int4 NOT NULL REFERENCES fingerprint,
	host_id        int4 NOT NULL REFERENCES host,
	boot_id        text NOT NULL,
	pid            int4 NOT NULL,
	start_ticks    int8 NOT NULL,
	started_at     timestamptz NOT NULL,
	last_sample_at timestamptz NOT NULL,  -- moved on at least once a minute while samples come
	command        text NOT NULL,
	rule           text NOT NULL,
	UNIQUE (host_id, boot_id, pid, start_ticks)
);
CREATE INDEX generation_slot ON generation (slot_id, started_at);
CREATE INDEX generation_fingerprint ON generation (fingerprint_id);
CREATE INDEX generation_last ON generation (last_sample_at);

-- Readings of one process; columns as in metric.def, scope PROCESS, in its order.
CREATE TABLE sample (
	generation_id    int4 NOT NULL,
	at               timestamptz NOT NULL,
	rss_kb           int8,
	rss_anon_kb      int8,
	rss_file_kb      int8,
	rss_shmem_kb     int8,
	swap_kb          int8,
	pss_kb           int8,
	cpu_ms           int8,
	threads          int4,
	fds              int4,
	minor_faults     int8,
	major_faults     int8,
	cgroup_usage_kb  int8,
	cgroup_limit_kb  int8,
	cgroup_oom_kills int8
) PARTITION BY RANGE (at);
CREATE INDEX sample_at ON sample USING brin (at) WITH (pages_per_range = 16);

-- Readings of one machine; columns as in metric.def, scope HOST, in its order.
CREATE TABLE host_sample (
	host_id            int4 NOT NULL,
	at                 timestamptz NOT NULL,
	mem_total_kb       int8,
	mem_available_kb   int8,
	mem_free_kb        int8,
	cached_kb          int8,
	anon_kb            int8,
	shmem_kb           int8,
	slab_kb            int8,
	swap_total_kb      int8,
	swap_free_kb       int8,
	cpu_busy_ms        int8,
	cpu_total_ms       int8,
	load1_milli        int4,
	psi_memory_some_us int8,
	psi_memory_full_us int8,
	psi_cpu_some_us    int8,
	psi_io_some_us     int8,
	oom_kills          int8,
	processes          int4,
	rest_processes     int4,
	rest_rss_kb        int8,
	rest_anon_kb       int8
) PARTITION BY RANGE (at);
CREATE INDEX host_sample_at ON host_sample USING brin (at) WITH (pages_per_range = 16);

-- Makes the partition of one UTC day of `parent`, "sample_20261122", if missing.
-- A table that is made first and attached then disturbs neither readers nor writers
-- of the parent; the advisory lock keeps two makers apart.
CREATE FUNCTION partition_make(parent text, day date) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
	child text := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
BEGIN
	IF to_regclass(child) IS NOT NULL THEN
		RETURN false;
	END IF;
	PERFORM pg_advisory_xact_lock(hashtext('partition_make'));
	-- Asked of the table itself: to_regclass may still remember that there was none.
	PERFORM FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
	WHERE i.inhparent = parent::regclass AND c.relname = child;
	IF FOUND THEN
		RETURN false;
	END IF;
	EXECUTE format('CREATE TABLE %I (LIKE %I)', child, parent);
	EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
		parent, child, day::timestamp AT TIME ZONE 'UTC',
		(day + 1)::timestamp AT TIME ZONE 'UTC');
	RETURN true;
END $$;

-- Drops the partitions of `parent` that lie wholly before `day`; returns how many.
CREATE FUNCTION partition_drop_before(parent text, day date) RETURNS int4
LANGUAGE plpgsql AS $$
DECLARE
	child text;
	dropped int4 := 0;
BEGIN
	-- A long reader must not make everybody wait behind us: give up, try later.
	PERFORM set_config('lock_timeout', '5s', true);
	FOR child IN
		SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = parent::regclass
		  AND right(c.relname, 8) < to_char(day, 'YYYYMMDD')
	LOOP
		EXECUTE format('DROP TABLE %I', child);
		dropped := dropped + 1;
	END LOOP;
	RETURN dropped;
END $$;

-- What the detector last said of a slot; one row each, replaced every round.
CREATE TABLE slot_verdict (
	slot_id         int4 PRIMARY KEY REFERENCES slot,
	generation_id   int4 NOT NULL REFERENCES generation,   -- the newest one judged
	fingerprint_id  int4 NOT NULL REFERENCES fingerprint,
	at              timestamptz NOT NULL,
	verdict         text NOT NULL,        -- as enum analyse_verdict spells it
	series          text NOT NULL,        -- which series was judged: "rss_anon"
	rate_kb_h       float8,               -- growth, KiB per hour, with its interval
	rate_low_kb_h   float8,
	rate_high_kb_h  float8,
	value_kb        int8,                 -- newest value of the series
	limit_kb        int8,                 -- what it runs against, NULL if unknown
	exhaust_at      timestamptz,          -- when it reaches the limit at this rate
	onset_at        timestamptz,
	wait_s          int4,                 -- verdict "learning": about how long still
	restarts        int4 NOT NULL DEFAULT 0, -- generations judged − 1
	summary         text NOT NULL,
	reasons         jsonb NOT NULL        -- [{"for": true, "text": "..."}]
);
CREATE INDEX slot_verdict_fingerprint ON slot_verdict (fingerprint_id);

-- The same, pooled over the slots of a service that run one version.
CREATE TABLE version_verdict (
	fingerprint_id int4 PRIMARY KEY REFERENCES fingerprint,
	service_id     int4 NOT NULL REFERENCES service,
	at             timestamptz NOT NULL,
	verdict        text NOT NULL,
	rate_kb_h      float8,                -- mean of the slots
	rate_low_kb_h  float8,
	rate_high_kb_h float8,
	slots          int4 NOT NULL,         -- judged
	slots_leaking  int4 NOT NULL,
	hosts          int4 NOT NULL,
	hosts_leaking  int4 NOT NULL,
	exhaust_at     timestamptz,           -- the first slot's
	wait_s         int4,
	summary        text NOT NULL,
	reasons        jsonb NOT NULL
);
CREATE INDEX version_verdict_service ON version_verdict (service_id);

-- Memory of a whole service over the last hours, for the sparkline of its row.
CREATE TABLE service_trend (
	service_id int4 PRIMARY KEY REFERENCES service,
	from_at    timestamptz NOT NULL,
	step_ms    int8 NOT NULL,
	rss_kb     int8[] NOT NULL            -- NULL where nothing was read
);

-- Evidence that one version of a service leaks.  Lives as long as the evidence.
CREATE TABLE finding (
	id             int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	service_id     int4 NOT NULL REFERENCES service,
	fingerprint_id int4 NOT NULL REFERENCES fingerprint,
	kind           text NOT NULL,         -- "leak"
	active         boolean NOT NULL DEFAULT true,
	first_at       timestamptz NOT NULL,
	last_at        timestamptz NOT NULL,  -- last round that confirmed it
	rate_kb_h      float8,
	rate_low_kb_h  float8,
	rate_high_kb_h float8,
	slots          int4 NOT NULL,
	slots_leaking  int4 NOT NULL,
	hosts          int4 NOT NULL,
	hosts_leaking  int4 NOT NULL,
	onset_at       timestamptz,
	exhaust_at     timestamptz,
	summary        text NOT NULL,
	reasons        jsonb NOT NULL,
	UNIQUE (service_id, fingerprint_id, kind)
);

-- The slots inside a finding, each with its own figures at the last round.
CREATE TABLE finding_slot (
	finding_id  int8 NOT NULL REFERENCES finding ON DELETE CASCADE,
	slot_id     int4 NOT NULL REFERENCES slot,
	first_at    timestamptz NOT NULL,
	last_at     timestamptz NOT NULL,
	rate_kb_h   float8,
	PRIMARY KEY (finding_id, slot_id)
);

CREATE TABLE app_user (
	id              int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name            text NOT NULL UNIQUE,
	password_hash   text NOT NULL,        -- argon2id, as libsodium writes it
	password_is_one_time boolean NOT NULL DEFAULT false, -- made by us; the console asks to change it
	role            text NOT NULL CHECK (role IN ('admin', 'member', 'viewer')),
	created_at      timestamptz NOT NULL DEFAULT now(),
	failed_logins   int4 NOT NULL DEFAULT 0,
	last_failed_at  timestamptz
);

CREATE TABLE session (
	token_hash   bytea PRIMARY KEY,       -- BLAKE2b of the cookie's value
	user_id      int4 NOT NULL REFERENCES app_user ON DELETE CASCADE,
	created_at   timestamptz NOT NULL DEFAULT now(),
	last_used_at timestamptz NOT NULL DEFAULT now()
);

-- Join tokens (agents enrol with them) and API tokens (programs call the API).
CREATE TABLE token (
	id          text PRIMARY KEY,
	kind        text NOT NULL CHECK (kind IN ('join', 'api')),
	name        text NOT NULL DEFAULT '',
	secret_hash bytea NOT NULL,           -- BLAKE2b
	created_at  timestamptz NOT NULL DEFAULT now(),
	created_by  int4 REFERENCES app_user,
	expires_at  timestamptz NOT NULL,
	max_uses    int4,                     -- join tokens; NULL: any number
	uses        int4 NOT NULL DEFAULT 0,
	revoked_at  timestamptz
);

-- A finding's life with people.
CREATE TABLE alert (
	id              int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	finding_id      int8 NOT NULL UNIQUE REFERENCES finding,
	state           text NOT NULL DEFAULT 'open'
	                CHECK (state IN ('open', 'acknowledged', 'resolved')),
	opened_at       timestamptz NOT NULL,
	reopened        int4 NOT NULL DEFAULT 0, -- times it came back after "resolved"
	acknowledged_at timestamptz,
	acknowledged_by int4 REFERENCES app_user,
	resolved_at     timestamptz,
	resolved_by     int4 REFERENCES app_user,
	revision        int4 NOT NULL DEFAULT 1  -- for If-Match
);
CREATE INDEX alert_state ON alert (state, opened_at);

-- What happened to an alert, in order: by people and by the detector.
CREATE TABLE alert_event (
	id       int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	alert_id int8 NOT NULL REFERENCES alert ON DELETE CASCADE,
	at       timestamptz NOT NULL DEFAULT now(),
	user_id  int4 REFERENCES app_user,    -- NULL: the detector
	kind     text NOT NULL,               -- opened acknowledged note resolved reopened quiet growing
	text     text NOT NULL DEFAULT ''
);
CREATE INDEX alert_event_alert ON alert_event (alert_id, id);
