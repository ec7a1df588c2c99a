-- The life of an alert with people: who works on it, until when it may rest, in which version
-- it was fixed and whether that held (docs/alerts.md).

ALTER TABLE alert DROP CONSTRAINT alert_state_check;
ALTER TABLE alert ADD CONSTRAINT alert_state_check
	CHECK (state IN ('open', 'acknowledged', 'archived', 'resolved'));

ALTER TABLE alert
	ADD COLUMN owner_id int4 REFERENCES app_user,
	ADD COLUMN acknowledged_until timestamptz,      -- then it is open again; NULL: no end
	-- Archived: it comes back at the first of the three.
	ADD COLUMN archived_at timestamptz,
	ADD COLUMN archived_by int4 REFERENCES app_user,
	ADD COLUMN archive_until timestamptz,
	ADD COLUMN archive_above_kb_h float8,
	ADD COLUMN archive_above_hosts int4,
	-- Its growth and its hosts when somebody last took a step: what is clearly worse than
	-- that escalates.
	ADD COLUMN seen_rate_kb_h float8,
	ADD COLUMN seen_hosts int4,
	ADD COLUMN escalated_at timestamptz,            -- it is open because it got worse
	ADD COLUMN regressed_at timestamptz,            -- it is open because resolved_in leaks
	ADD COLUMN resolved_in text CHECK (resolved_in <> ''),
	-- Whether the version that was to fix it does: counted by the watch.
	ADD COLUMN verify_state text CHECK (verify_state IN ('waiting', 'running', 'verified')),
	ADD COLUMN verify_ms int8 NOT NULL DEFAULT 0,   -- on hosts, without the growth
	ADD COLUMN verify_needed_h int4,
	ADD COLUMN verify_hosts int4 NOT NULL DEFAULT 0,
	ADD COLUMN verify_since timestamptz,            -- the first process of the version began
	ADD COLUMN verified_at timestamptz;

-- The few of which the watch asks each turn.
CREATE INDEX alert_timed ON alert (id)
	WHERE acknowledged_until IS NOT NULL OR archive_until IS NOT NULL;
CREATE INDEX alert_verify ON alert (id) WHERE verify_state IN ('waiting', 'running');

-- Where an alert is found in the inbox.
CREATE FUNCTION alert_inbox(state text, escalated_at timestamptz, regressed_at timestamptz)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN state <> 'open' THEN state WHEN regressed_at IS NOT NULL THEN 'regressed'
		WHEN escalated_at IS NOT NULL THEN 'escalating' ELSE 'new' END
$$;

-- Of a step of people: the alert as it was before, and what else the step changed, so that
-- the step can be undone.
ALTER TABLE alert_event ADD COLUMN before jsonb;

-- For If-Match.
ALTER TABLE service_setting ADD COLUMN revision int4 NOT NULL DEFAULT 1;
