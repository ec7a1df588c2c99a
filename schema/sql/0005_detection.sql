-- The detector's memory, findings by cause, and what people tell the detector.

-- State of the detector, as it saves and loads it (server/analyse/fleet.h): a slot's
-- trace and verdict as of its newest reading `at`.  Samples after `at` are still to be
-- fed.  A state that cannot be read is built anew from the samples.
CREATE TABLE slot_state (
	slot_id int4 PRIMARY KEY REFERENCES slot,
	at      timestamptz NOT NULL,
	state   bytea NOT NULL
);
ALTER TABLE slot_state ALTER COLUMN state SET STORAGE EXTERNAL;

-- What a service has taught it: how its processes warm up, what its versions did.
CREATE TABLE service_state (
	service_id int4 PRIMARY KEY REFERENCES service,
	at         timestamptz NOT NULL,
	state      bytea NOT NULL
);

-- The states above remember more, and exactly.
DROP TABLE memory_floor;

ALTER TABLE slot_verdict
	ADD COLUMN level text NOT NULL DEFAULT '',      -- '', 'watch', 'confirmed'
	ADD COLUMN kind  text NOT NULL DEFAULT '',      -- '', 'leak', 'native', 'backlog', 'version'
	ADD COLUMN silent boolean NOT NULL DEFAULT false, -- no data: what was said last stands
	ADD COLUMN exhaust_low_at  timestamptz,         -- 95 % interval of exhaust_at;
	ADD COLUMN exhaust_high_at timestamptz,         -- no high: perhaps never
	ADD COLUMN onset_low_at    timestamptz,
	ADD COLUMN onset_high_at   timestamptz;

ALTER TABLE version_verdict
	ADD COLUMN level text NOT NULL DEFAULT '',
	ADD COLUMN kind  text NOT NULL DEFAULT '',
	ADD COLUMN onset_at timestamptz;

-- A time as the watch writes it, NULL for NULL.
CREATE FUNCTION unix_ms(ms int8) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT timestamptz 'epoch' + ms * interval '1 ms'
$$;

-- Whether a seat's process has ended, with `behind` of slot_now: its agent was heard since
-- and did not read it, or never will be.  While an agent is silent nobody knows.
CREATE FUNCTION slot_ended(behind interval, interval_ms int4)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT COALESCE(behind > interval '1 minute'
		+ 3 * interval_ms * interval '1 millisecond', true)
$$;

-- How bad a verdict is, for "worst first".
CREATE OR REPLACE FUNCTION verdict_rank(verdict text) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE verdict WHEN 'leak' THEN 9 WHEN 'native' THEN 9 WHEN 'backlog' THEN 8
		WHEN 'watch' THEN 7 WHEN 'step' THEN 6 WHEN 'fragmentation' THEN 5
		WHEN 'warmup' THEN 4 WHEN 'load' THEN 3 WHEN 'cyclic' THEN 2
		WHEN 'learning' THEN 1 WHEN 'unusable' THEN 1 ELSE 0 END
$$;

-- A finding is one cause: a service, its growth or its backlog, and the versions inside.
-- It is known again by a version that it shares with what is found now; fingerprint_id is
-- the version that leaks most, and the kind is what its growth was called last.
ALTER TABLE finding DROP CONSTRAINT finding_service_id_fingerprint_id_kind_key;
ALTER TABLE finding
	ADD COLUMN level text NOT NULL DEFAULT 'confirmed',
	ADD COLUMN cause text NOT NULL DEFAULT '',      -- "@pm2/io 4.2.1", "version 2.3.1"
	ADD COLUMN confirmed_at timestamptz,            -- last round that said "confirmed"
	ADD COLUMN onset_low_at timestamptz, ADD COLUMN onset_high_at timestamptz,
	ADD COLUMN exhaust_low_at timestamptz, ADD COLUMN exhaust_high_at timestamptz;
UPDATE finding SET confirmed_at = last_at;
CREATE INDEX finding_service ON finding (service_id, kind);

CREATE TABLE finding_version (
	finding_id     int8 NOT NULL REFERENCES finding ON DELETE CASCADE,
	fingerprint_id int4 NOT NULL REFERENCES fingerprint,
	PRIMARY KEY (finding_id, fingerprint_id)
);
INSERT INTO finding_version SELECT id, fingerprint_id FROM finding;
CREATE INDEX finding_version_fingerprint ON finding_version (fingerprint_id);

-- Why an alert was resolved: "fixed" by people, "not-a-leak" by people, "gone" by the
-- detector (it stayed quiet, or nobody runs the version any more).
ALTER TABLE alert ADD COLUMN resolution text NOT NULL DEFAULT ''
	CHECK (resolution IN ('', 'fixed', 'not-a-leak', 'gone'));
UPDATE alert SET resolution = 'fixed' WHERE state = 'resolved';

-- Both are the detector's: since when it no longer confirms the finding, and since when
-- no agent says how the processes inside are.  NULL: it does; one does.
ALTER TABLE alert ADD COLUMN quiet_at timestamptz, ADD COLUMN silent_at timestamptz;
UPDATE alert a SET quiet_at = f.last_at FROM finding f WHERE f.id = a.finding_id AND NOT f.active;

-- "Not a leak", with its reason.  No growth of the same service (or no backlog, when it
-- was one) alerts again unless it grows clearly faster than then.
CREATE TABLE feedback (
	id         int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	service_id int4 NOT NULL REFERENCES service,
	kind       text NOT NULL,
	finding_id int8 NOT NULL REFERENCES finding ON DELETE CASCADE,
	rate_kb_h  float8,
	reason     text NOT NULL,
	said_by    int4 NOT NULL REFERENCES app_user,
	said_at    timestamptz NOT NULL DEFAULT now(),
	withdrawn_at timestamptz
);
CREATE INDEX feedback_service ON feedback (service_id, kind) WHERE withdrawn_at IS NULL;

-- How easily a service alerts.
CREATE TABLE service_setting (
	service_id  int4 PRIMARY KEY REFERENCES service,
	sensitivity text NOT NULL DEFAULT 'normal' CHECK (sensitivity IN ('calm', 'normal', 'eager')),
	changed_by  int4 REFERENCES app_user,
	changed_at  timestamptz NOT NULL DEFAULT now()
);

-- "What would this have raised?": a replay of a service's stored history at some
-- sensitivity.  The console asks, the watch answers.
CREATE TABLE replay (
	id          int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	service_id  int4 NOT NULL REFERENCES service,
	sensitivity text NOT NULL CHECK (sensitivity IN ('calm', 'normal', 'eager')),
	from_at     timestamptz NOT NULL,
	to_at       timestamptz NOT NULL,
	state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
	asked_by    int4 REFERENCES app_user,
	asked_at    timestamptz NOT NULL DEFAULT now(),
	ended_at    timestamptz,
	readings    int8 NOT NULL DEFAULT 0,
	alarms      jsonb NOT NULL DEFAULT '[]',  -- [{"host", "ordinal", "version", "level", "kind", "from_ms", "to_ms", "rate_kb_h"}]
	text        text NOT NULL DEFAULT ''      -- why it failed
);
CREATE INDEX replay_open ON replay (id) WHERE state IN ('waiting', 'running');
CREATE INDEX replay_service ON replay (service_id, id);
