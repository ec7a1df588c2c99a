-- What agents are to do, told by the centre (docs/configuration.md, ADR 0012).

-- A rule: hosts that it fits, and how changes reach them.  Of several the first that fits
-- wins, in order of (position, id).
CREATE TABLE config_group (
	id           int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name         text NOT NULL UNIQUE,
	position     int4 NOT NULL,
	host         text NOT NULL DEFAULT '',            -- a glob; '' all
	labels       jsonb NOT NULL DEFAULT '{}',         -- {"env": "prod*"}: all must fit
	canary_hosts int4 NOT NULL,
	part_pct     int4 NOT NULL,
	soak_s       int4 NOT NULL,
	automatic    boolean NOT NULL,
	silent_s     int4 NOT NULL,
	cpu_ppm      int4 NOT NULL,                       -- bounds of an agent's own cost
	rss_bytes    int8 NOT NULL,
	good_id      int8,                                -- what all its hosts run; NULL: own files
	created_by   text NOT NULL,
	created_at   timestamptz NOT NULL DEFAULT now(),
	revision     int4 NOT NULL DEFAULT 1              -- for If-Match
);

-- What a group was, is or shall be told.  The id is the number that agents acknowledge.
CREATE TABLE config_revision (
	id         int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	group_id   int4 NOT NULL REFERENCES config_group ON DELETE CASCADE,
	settings   jsonb NOT NULL,                        -- {"interval": "10s"}, as in agent.conf
	hash       int8 NOT NULL,                         -- of them (schema/setting.h)
	note       text NOT NULL DEFAULT '',
	state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'rolling', 'paused',
		'good', 'replaced', 'rolled_back', 'dropped')),
	made_by    text NOT NULL,
	made_at    timestamptz NOT NULL DEFAULT now(),
	started_at timestamptz,
	ended_at   timestamptz,
	stage      int2 CHECK (stage BETWEEN 1 AND 3),    -- canary, part, all
	stage_at   timestamptz,
	settled_at timestamptz,                           -- all of the stage have acknowledged
	reason     text NOT NULL DEFAULT ''
);
CREATE INDEX config_revision_group ON config_revision (group_id, id);
CREATE UNIQUE INDEX config_revision_rolls ON config_revision (group_id)
	WHERE state IN ('rolling', 'paused');
ALTER TABLE config_group ADD FOREIGN KEY (good_id) REFERENCES config_revision;

-- What an agent is to run.  No row, or desired_id NULL: what its own file says.
CREATE TABLE agent_config (
	agent_id       int4 PRIMARY KEY REFERENCES agent,
	group_id       int4 REFERENCES config_group ON DELETE SET NULL,
	desired_id     int8 REFERENCES config_revision ON DELETE SET NULL,
	desired_at     timestamptz NOT NULL,
	stage          int2,                              -- of the rollout, in which it was told
	counted        boolean NOT NULL DEFAULT false,    -- the stage is judged by it
	base_cpu_ppm   int4,                              -- its cost before
	base_rss_bytes int8
);
CREATE INDEX agent_config_group ON agent_config (group_id);
CREATE INDEX agent_config_desired ON agent_config (desired_id);

-- What agents say of themselves; NULL: of a version that does not.
ALTER TABLE agent
	ADD COLUMN config_id int8,                        -- acknowledged; 0: its own file
	ADD COLUMN config_hash int8,
	ADD COLUMN config_at timestamptz,                 -- since when
	ADD COLUMN config_exceptions text NOT NULL DEFAULT '',  -- 'interval overridden,…'
	ADD COLUMN cpu_ppm int4,
	ADD COLUMN rss_bytes int8;

-- Who writes any of the above, but for what agents say, holds this row: one at a time.
CREATE TABLE config_turn (one boolean PRIMARY KEY DEFAULT true CHECK (one));
INSERT INTO config_turn DEFAULT VALUES;

-- Each host with the groups whose rules fit it.  Set by set: hosts times rules are many.
CREATE VIEW config_fit AS
SELECT h.id AS host_id, g.id AS group_id, g.position
FROM host h
JOIN (
	SELECT id, position, CASE WHEN host = '' THEN '%' ELSE name_pattern(host) END AS pattern,
		(SELECT count(*) FROM jsonb_object_keys(labels)) AS wants
	FROM config_group
) g ON h.name LIKE g.pattern
LEFT JOIN (
	SELECT w.group_id, l.host_id, count(*) AS has
	FROM (
		SELECT c.id AS group_id, e.key, name_pattern(e.value) AS pattern
		FROM config_group c, jsonb_each_text(c.labels) e OFFSET 0
	) w
	JOIN host_label l ON l.key = w.key AND l.value LIKE w.pattern
	GROUP BY w.group_id, l.host_id
) m ON m.host_id = h.id AND m.group_id = g.id
WHERE COALESCE(m.has, 0) = g.wants;

-- The group that each agent belongs to now, by the rules.
CREATE VIEW config_member AS
SELECT DISTINCT ON (a.id) a.id AS agent_id, f.group_id
FROM agent a
LEFT JOIN config_fit f ON f.host_id = a.host_id
WHERE a.revoked_at IS NULL
ORDER BY a.id, f.position, f.group_id;

-- What each agent is to run, and what it runs.  "Drift" is said of one that has reported
-- for longer than a minute after it was to be told.
CREATE FUNCTION config_agents(now_at timestamptz) RETURNS TABLE (
	agent_id int4, host_id int4, host text, version text, group_id int4, desired_id int8,
	desired_at timestamptz, stage int2, counted boolean, acked_id int8, acked_at timestamptz,
	exceptions text, cpu_ppm int4, rss_bytes int8, base_cpu_ppm int4, base_rss_bytes int8,
	last_seen_at timestamptz, interval_ms int4, reporting boolean, state text)
LANGUAGE sql STABLE AS $$
	SELECT a.id, h.id, h.name, a.version, c.group_id, c.desired_id, c.desired_at, c.stage,
		COALESCE(c.counted, false), a.config_id, a.config_at, a.config_exceptions, a.cpu_ppm,
		a.rss_bytes, c.base_cpu_ppm, c.base_rss_bytes, a.last_seen_at, h.interval_ms, s.reporting,
		CASE
		WHEN c.group_id IS NULL AND c.desired_id IS NULL AND COALESCE(a.config_id, 0) = 0
			THEN 'own'
		WHEN NOT s.reporting THEN 'silent'
		WHEN a.config_id IS NULL THEN 'old'
		WHEN a.config_id = COALESCE(c.desired_id, 0)
			AND a.config_hash = COALESCE(r.hash, 0)
			THEN CASE
				WHEN a.config_exceptions = '' THEN 'same'
				WHEN a.config_exceptions ~ ' (forbidden|unknown|bounds|failed)' THEN 'refused'
				ELSE 'overridden' END
		WHEN a.last_seen_at < COALESCE(c.desired_at, a.config_at) + interval '1 minute'
			THEN 'waiting'
		ELSE 'drift' END
	FROM agent a
	JOIN host h ON h.id = a.host_id
	LEFT JOIN agent_config c ON c.agent_id = a.id
	LEFT JOIN config_revision r ON r.id = c.desired_id
	CROSS JOIN LATERAL (
		SELECT COALESCE(agent_reports(a.last_seen_at, h.interval_ms, now_at), false)) s (reporting)
	WHERE a.revoked_at IS NULL
$$;
