-- The case of an alert: what may be its cause and how that was tested, when nobody is to
-- hear of it, and alerts that are one or several.

-- What people think is the cause.  With a key it is only their remark on one of the
-- hypotheses that are computed anew whenever the case is read: the other texts are empty.
CREATE TABLE hypothesis (
	id         int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	alert_id   int8 NOT NULL REFERENCES alert,
	key        text NOT NULL DEFAULT '',  -- "code", "package:@pm2/io"
	cause      text NOT NULL DEFAULT '',
	test       text NOT NULL DEFAULT '',
	result     text NOT NULL DEFAULT '',
	verdict    text NOT NULL DEFAULT 'open' CHECK (verdict IN
		('confirmed', 'likely', 'unlikely', 'refuted', 'open', 'no-data')),
	remark     text NOT NULL DEFAULT '',
	author_id  int4 NOT NULL REFERENCES app_user,
	changed_at timestamptz NOT NULL,
	revision   int4 NOT NULL DEFAULT 1    -- for If-Match
);
CREATE INDEX hypothesis_alert ON hypothesis (alert_id, id);
CREATE UNIQUE INDEX hypothesis_key ON hypothesis (alert_id, key) WHERE key <> '';

-- Of whom nobody is notified for a while.  Texts are globs, '' is all.
CREATE TABLE silence (
	id         int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	service    text NOT NULL,
	host       text NOT NULL,
	version    text NOT NULL,
	kind       text NOT NULL DEFAULT '',  -- '' all
	starts_at  timestamptz NOT NULL,
	ends_at    timestamptz NOT NULL CHECK (ends_at > starts_at),
	weekly     boolean NOT NULL,          -- again every 168 hours, until it is ended
	ended_at   timestamptz,               -- by people
	reason     text NOT NULL,
	created_by int4 NOT NULL REFERENCES app_user,
	created_at timestamptz NOT NULL,
	revision   int4 NOT NULL DEFAULT 1,
	CHECK (service <> '' OR host <> '' OR version <> '' OR kind <> ''),
	CHECK (NOT weekly OR ends_at - starts_at <= interval '168 hours')
);

-- When the window ends in which now_at lies; NULL: it lies in none.
CREATE FUNCTION silence_until(s silence, now_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN s.starts_at <= now_at AND now_at < w.ends_at
		AND (s.ended_at IS NULL OR now_at < s.ended_at) THEN w.ends_at END
	FROM (SELECT s.ends_at + CASE WHEN s.weekly THEN interval '168 hours' * greatest(0,
		floor(extract(epoch FROM now_at - s.starts_at) / 604800)) ELSE interval '0' END) w (ends_at)
$$;

-- 'active', 'pending': it will be, 'expired': it never will be again.
CREATE FUNCTION silence_state(s silence, now_at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN s.ended_at <= now_at OR NOT s.weekly AND s.ends_at <= now_at
		THEN 'expired'
		WHEN silence_until(s, now_at) IS NOT NULL THEN 'active' ELSE 'pending' END
$$;

-- Whether globs fit all of a finding: its service and kind, each version inside, and each
-- host on which it was seen lately.  A finding that reaches further is not theirs.
CREATE FUNCTION finding_fits(finding int8, service text, host text, version text, kind text)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT (finding_fits.kind = '' OR f.kind = finding_fits.kind)
	  AND (finding_fits.service = '' OR v.name LIKE name_pattern(finding_fits.service))
	  AND (finding_fits.version = '' OR NOT EXISTS (
		SELECT FROM finding_version i JOIN version_label p ON p.id = i.fingerprint_id
		WHERE i.finding_id = f.id AND p.version NOT LIKE name_pattern(finding_fits.version)
		  AND p.label NOT LIKE name_pattern(finding_fits.version)))
	  AND (finding_fits.host = '' OR COALESCE((
		SELECT bool_and(h.name LIKE name_pattern(finding_fits.host))
		FROM finding_slot i
		JOIN slot s ON s.id = i.slot_id
		JOIN host h ON h.id = s.host_id
		WHERE i.finding_id = f.id AND i.last_at >= f.last_at - interval '15 minutes'), false))
	FROM finding f JOIN service v ON v.id = f.service_id
	WHERE f.id = finding_fits.finding
$$;

-- Until when one silence mutes a finding at now_at; NULL: none does.
CREATE FUNCTION finding_silenced_until(finding int8, now_at timestamptz)
RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT max(silence_until(s, now_at)) FROM silence s
	WHERE s.ended_at IS NULL AND (s.weekly OR s.ends_at > now_at)
	  AND silence_until(s, now_at) IS NOT NULL
	  AND finding_fits(finding, s.service, s.host, s.version, s.kind)
$$;
CREATE INDEX silence_open ON silence (ends_at) WHERE ended_at IS NULL;

-- An alert may live inside another, one deep, and may have been split off from another.
ALTER TABLE alert
	ADD COLUMN merged_into int8 REFERENCES alert CHECK (merged_into <> id),
	ADD COLUMN split_from  int8 REFERENCES alert;
CREATE INDEX alert_merged ON alert (merged_into) WHERE merged_into IS NOT NULL;

-- The seats of which a finding that was split off is: what is found of them is its, whatever
-- finding of the service it is found in.
CREATE TABLE finding_split (
	finding_id int8 NOT NULL REFERENCES finding ON DELETE CASCADE,
	slot_id    int4 NOT NULL REFERENCES slot,
	PRIMARY KEY (finding_id, slot_id)
);

-- What becomes of the alerts inside another.  They are not shown, so none of them may be
-- open inside one that is resolved: what people resolve, they resolve with all that is
-- inside, and open again with it; what is gone lets go of those that are not; and one
-- that opens by itself takes along what it is in.
CREATE FUNCTION alert_inside_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	with_text text := 'With alert ' || NEW.id;
BEGIN
	IF NEW.state = 'resolved' AND NEW.resolved_by IS NOT NULL THEN
		WITH moved AS (
			UPDATE alert SET state = 'resolved', resolution = NEW.resolution,
				resolved_at = NEW.resolved_at, resolved_by = NEW.resolved_by,
				resolved_in = NEW.resolved_in, revision = revision + 1
			WHERE merged_into = NEW.id AND state <> 'resolved'
			RETURNING id, finding_id
		), said AS (
			INSERT INTO feedback (service_id, kind, finding_id, rate_kb_h, reason, said_by,
				said_at)
			SELECT f.service_id, f.kind, f.id, f.rate_kb_h, with_text, NEW.resolved_by,
				NEW.resolved_at
			FROM moved JOIN finding f ON f.id = moved.finding_id
			WHERE NEW.resolution = 'not-a-leak'
		)
		INSERT INTO alert_event (alert_id, at, user_id, kind, text)
		SELECT id, NEW.resolved_at, NEW.resolved_by,
			CASE NEW.resolution WHEN 'not-a-leak' THEN 'dismissed' ELSE 'resolved' END,
			with_text
		FROM moved;
	ELSIF NEW.state = 'resolved' THEN
		WITH moved AS (
			UPDATE alert SET merged_into = NULL, revision = revision + 1
			WHERE merged_into = NEW.id AND state <> 'resolved'
			RETURNING id
		)
		INSERT INTO alert_event (alert_id, at, kind, text)
		SELECT id, NEW.resolved_at, 'unmerged',
			'Alert ' || NEW.id || ' is over, and this one is not'
		FROM moved;
	ELSIF OLD.state = 'resolved' THEN
		WITH moved AS (
			UPDATE alert SET state = 'open', resolution = '', resolved_at = NULL,
				resolved_by = NULL, resolved_in = NULL, acknowledged_at = NULL, acknowledged_by = NULL,
				quiet_at = NULL, silent_at = NULL, revision = revision + 1
			WHERE merged_into = NEW.id AND state = 'resolved'
			  AND resolved_at = OLD.resolved_at AND resolved_by = OLD.resolved_by
			RETURNING id, finding_id
		), withdrawn AS (
			UPDATE feedback b SET withdrawn_at = now() FROM moved
			WHERE b.finding_id = moved.finding_id AND b.withdrawn_at IS NULL
			  AND b.said_at = OLD.resolved_at
		)
		INSERT INTO alert_event (alert_id, at, kind, text)
		SELECT id, now(), 'reopened', with_text FROM moved;
		WITH moved AS (
			UPDATE alert SET state = 'open', reopened = reopened + 1, resolution = '',
				resolved_at = NULL, resolved_by = NULL, acknowledged_at = NULL,
				acknowledged_by = NULL, quiet_at = NULL, silent_at = NULL,
				revision = revision + 1
			WHERE id = NEW.merged_into AND state = 'resolved'
			RETURNING id
		)
		INSERT INTO alert_event (alert_id, at, kind, text)
		SELECT id, now(), 'reopened',
			'Alert ' || NEW.id || ', which is inside, is open again'
		FROM moved;
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER alert_inside_moved AFTER UPDATE OF state ON alert
	FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
	EXECUTE FUNCTION alert_inside_moved();
