-- A seat knows its newest process, so that what is asked of all seats reads one narrow row
-- each, however often their processes began anew.

ALTER TABLE slot
	ADD COLUMN life_id             int4,   -- that began last; NULL: none yet
	ADD COLUMN life_fingerprint_id int4,   -- this and below as generation says of it
	ADD COLUMN life_started_at     timestamptz,
	ADD COLUMN life_sample_at      timestamptz,
	SET (fillfactor = 60);                 -- life_sample_at moves on, and no index has it

-- Seats of processes that are new, moved elsewhere or turned out to run another version:
-- which process began last is looked up.  Processes that were only read again take their
-- seat's time along.  Both in the transaction that writes the process.
CREATE FUNCTION slot_seat(slots int4[]) RETURNS void LANGUAGE sql AS $$
	UPDATE slot s SET life_id = g.id, life_fingerprint_id = g.fingerprint_id,
		life_started_at = g.started_at, life_sample_at = g.last_sample_at
	FROM unnest(slots) AS t (id)
	LEFT JOIN LATERAL (
		SELECT id, fingerprint_id, started_at, last_sample_at FROM generation
		WHERE slot_id = t.id
		ORDER BY started_at DESC, id DESC
		LIMIT 1
	) g ON true
	WHERE s.id = t.id
$$;

CREATE FUNCTION generation_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM slot_seat(ARRAY(SELECT DISTINCT slot_id FROM made ORDER BY slot_id));
	RETURN NULL;
END $$;
CREATE TRIGGER generation_made AFTER INSERT ON generation
	REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION generation_made();

-- A row at a time: to collect what a statement changed costs more than to look at it, and
-- what is read again all the time is the time alone.
CREATE FUNCTION generation_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF (OLD.slot_id, OLD.fingerprint_id, OLD.started_at)
		IS DISTINCT FROM (NEW.slot_id, NEW.fingerprint_id, NEW.started_at) THEN
		PERFORM slot_seat(ARRAY[OLD.slot_id, NEW.slot_id]);
	ELSE
		UPDATE slot SET life_sample_at = NEW.last_sample_at
		WHERE id = NEW.slot_id AND life_id = NEW.id;
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER generation_moved
	AFTER UPDATE OF slot_id, fingerprint_id, started_at, last_sample_at ON generation
	FOR EACH ROW WHEN (
		(OLD.slot_id, OLD.fingerprint_id, OLD.started_at, OLD.last_sample_at)
		IS DISTINCT FROM
		(NEW.slot_id, NEW.fingerprint_id, NEW.started_at, NEW.last_sample_at))
	EXECUTE FUNCTION generation_moved();

SELECT slot_seat(ARRAY(SELECT id FROM slot));

-- Who was read lately is asked of the seats now: without this index a process that was read
-- again stays where it is in its page.
DROP INDEX generation_last;
ALTER TABLE generation SET (fillfactor = 80);

-- The agent of each host that counts: heard last, of those that are not revoked.
CREATE VIEW agent_now AS
SELECT a.* FROM agent a
WHERE a.revoked_at IS NULL AND NOT EXISTS (
	SELECT FROM agent o
	WHERE o.host_id = a.host_id AND o.revoked_at IS NULL
	  AND (COALESCE(o.last_seen_at, '-infinity'), o.id)
		> (COALESCE(a.last_seen_at, '-infinity'), a.id));

-- As before, of one row a seat: a question that does not ask for pid, command and rule does
-- not look at generation at all.
CREATE OR REPLACE VIEW slot_now AS
SELECT s.id AS slot_id, s.service_id, s.host_id, s.ordinal,
       h.name AS host, h.interval_ms,
       s.life_id AS generation_id, s.life_fingerprint_id AS fingerprint_id, g.pid, g.command,
       g.rule, s.life_started_at AS started_at, s.life_sample_at AS last_sample_at,
       a.last_sample_at - s.life_sample_at AS behind,
       a.last_seen_at - (a.last_sample_at - s.life_sample_at) AS read_at
FROM slot s
JOIN host h ON h.id = s.host_id
LEFT JOIN generation g ON g.id = s.life_id
LEFT JOIN agent_now a ON a.host_id = s.host_id
WHERE s.life_id IS NOT NULL;

-- Whether a seat keeps its service in mind at now_at: read within a day, and its process
-- had not ended then.
CREATE FUNCTION slot_present(read_at timestamptz, behind interval, interval_ms int4,
	now_at timestamptz)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT COALESCE(read_at > now_at - interval '1 day' AND behind <= interval '1 minute'
		+ 3 * interval_ms * interval '1 millisecond', false)
$$;

-- Since when nobody knows how a finding's seats are that run its versions: NULL when one is
-- known, or all of their processes have ended.
CREATE FUNCTION finding_silent_since(finding int8, versions int8[])
RETURNS timestamptz LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN NOT bool_and(slot_ended(n.behind, n.interval_ms))
		THEN max(n.last_sample_at) END
	FROM slot_now n
	WHERE n.slot_id = ANY (ARRAY(
		SELECT i.slot_id FROM finding_slot i
		JOIN slot_verdict v ON v.slot_id = i.slot_id
		WHERE i.finding_id = finding AND v.fingerprint_id = ANY (versions)))
	  AND COALESCE((
		SELECT false FROM finding_slot i
		JOIN slot_verdict v ON v.slot_id = i.slot_id
		WHERE i.finding_id = finding AND v.fingerprint_id = ANY (versions)
		  AND NOT v.silent
		LIMIT 1), true)
$$;

-- As before: a version of which there is no process was left for one with contents.
CREATE OR REPLACE FUNCTION version_now(now_at timestamptz)
RETURNS SETOF version_verdict LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT * FROM version_verdict v
	WHERE at > now_at - interval '15 minutes'
	  AND (SELECT true FROM generation g WHERE g.fingerprint_id = v.fingerprint_id LIMIT 1)
$$;

-- A glob as LIKE has it, for those who match many names with it: '*' is any text and '?' any
-- character.
CREATE FUNCTION name_pattern(glob text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT replace(replace(replace(replace(replace(glob,
		'\', '\\'), '%', '\%'), '_', '\_'), '*', '%'), '?', '_')
$$;
