-- Who is told of alerts, and what was sent (docs/alerts.md).

-- Where messages go.  An URL and a secret are what an admin entered; the secret is never read
-- back.
CREATE TABLE target (
	id         int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name       text NOT NULL UNIQUE,
	kind       text NOT NULL CHECK (kind IN ('webhook')),
	url        text NOT NULL,
	service    text NOT NULL DEFAULT '',   -- a glob; '' all
	events     text[] NOT NULL,            -- kinds of alert_event
	enabled    boolean NOT NULL DEFAULT true,
	created_by text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	revision   int4 NOT NULL DEFAULT 1     -- for If-Match
);

-- What is to be sent, or was.  event_id NULL: a trial of the target.
CREATE TABLE message (
	id        int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	target_id int4 NOT NULL REFERENCES target ON DELETE CASCADE,
	event_id  int8 REFERENCES alert_event ON DELETE CASCADE,
	state     text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed')),
	made_at   timestamptz NOT NULL DEFAULT now(),
	next_at   timestamptz NOT NULL DEFAULT now(), -- of the next try
	sent_at   timestamptz,
	tries     int4 NOT NULL DEFAULT 0,
	problem   text NOT NULL DEFAULT ''     -- of the last try
);
CREATE INDEX message_due ON message (next_at) WHERE state = 'waiting';
CREATE INDEX message_target ON message (target_id, id);
CREATE INDEX message_sent ON message (target_id, sent_at) WHERE state = 'sent';

-- As what an event is told: whatever brings an alert back to those who work on it is told as
-- one thing.
CREATE FUNCTION alert_event_said(kind text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN kind IN ('unarchived', 'expired') THEN 'reopened' ELSE kind END
$$;

-- Every event of an alert that a target asked for becomes a message in the same transaction,
-- unless the alert is silenced or lives inside another: what is committed is told, once.
CREATE FUNCTION alert_event_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO message (target_id, event_id)
	SELECT t.id, NEW.id
	FROM target t
	JOIN alert a ON a.id = NEW.alert_id
	JOIN finding f ON f.id = a.finding_id
	JOIN service s ON s.id = f.service_id
	WHERE t.enabled AND alert_event_said(NEW.kind) = ANY (t.events) AND a.merged_into IS NULL
	  AND (t.service = '' OR s.name LIKE name_pattern(t.service))
	  AND finding_silenced_until(f.id, NEW.at) IS NULL;
	RETURN NULL;
END $$;
CREATE TRIGGER alert_event_told AFTER INSERT ON alert_event
	FOR EACH ROW EXECUTE FUNCTION alert_event_told();
