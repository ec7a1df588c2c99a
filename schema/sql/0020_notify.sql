-- Notifications by several ways, signed, never above a rate, with dead letters
-- (docs/alerts.md#notifications).

ALTER TABLE target DROP CONSTRAINT target_kind_check;
ALTER TABLE target ADD CHECK (kind IN ('webhook', 'alertmanager-webhook', 'alertmanager', 'smtp',
	'slack', 'feishu', 'dingtalk', 'wecom'));
ALTER TABLE target
	ADD COLUMN recipients text NOT NULL DEFAULT '', -- of mail, by commas
	ADD COLUMN sender text NOT NULL DEFAULT '',     -- of mail
	ADD COLUMN username text NOT NULL DEFAULT '',   -- with which we log in there; '' we do not
	ADD COLUMN starttls boolean NOT NULL DEFAULT true, -- smtp: nothing goes without it
	ADD COLUMN a_minute int4 NOT NULL DEFAULT 30 CHECK (a_minute BETWEEN 1 AND 600);

-- What is never read back.  Apart, so that those who may only read need no right on it.
CREATE TABLE target_secret (
	target_id  int4 PRIMARY KEY REFERENCES target ON DELETE CASCADE,
	password   text NOT NULL DEFAULT '', -- theirs
	signing    text NOT NULL DEFAULT '', -- ours: what we post is signed with it
	old        text NOT NULL DEFAULT '', -- the one before: signs as well until old_until
	made_at    timestamptz,
	old_until  timestamptz
);

-- How a target does.  Apart, so that telling it is no change of it.  Whoever has a message of
-- it in hand holds it: one at a time, the oldest first.
CREATE TABLE target_state (
	target_id  int4 PRIMARY KEY REFERENCES target ON DELETE CASCADE,
	busy_until timestamptz NOT NULL DEFAULT '-infinity',
	next_at    timestamptz NOT NULL DEFAULT '-infinity', -- nothing is tried before
	failures   int4 NOT NULL DEFAULT 0,                  -- in a row, of the target itself
	tried_at   timestamptz[] NOT NULL DEFAULT '{}',      -- the last ones, for the rate
	renewed_at timestamptz NOT NULL DEFAULT '-infinity', -- alertmanager: all open alerts
	problem    text NOT NULL DEFAULT ''                  -- of the last renewal
);

CREATE FUNCTION target_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO target_state (target_id) VALUES (NEW.id);
	INSERT INTO target_secret (target_id) VALUES (NEW.id);
	RETURN NULL;
END $$;
CREATE TRIGGER target_made AFTER INSERT ON target FOR EACH ROW EXECUTE FUNCTION target_made();
INSERT INTO target_state (target_id) SELECT id FROM target;
INSERT INTO target_secret (target_id) SELECT id FROM target;

-- The alerts of which an Alertmanager was told and which it may still hold to be open.
CREATE TABLE target_alert (
	target_id int4 NOT NULL REFERENCES target ON DELETE CASCADE,
	alert_id  int8 NOT NULL REFERENCES alert ON DELETE CASCADE,
	ended_at  timestamptz, -- NULL: it is open
	PRIMARY KEY (target_id, alert_id)
);

-- waiting: to be sent; sent: taken; failed: given up, a dead letter; dropped: by somebody;
-- folded: told by the digest folded_into; muted: told when a silence ends, if it still matters.
ALTER TABLE message DROP CONSTRAINT message_state_check;
ALTER TABLE message ADD CHECK
	(state IN ('waiting', 'sent', 'failed', 'dropped', 'folded', 'muted'));
ALTER TABLE message
	ADD COLUMN key uuid NOT NULL DEFAULT gen_random_uuid(), -- the same for every try
	ADD COLUMN due_at timestamptz NOT NULL DEFAULT now(),   -- given up a day after
	ADD COLUMN digest boolean NOT NULL DEFAULT false,
	ADD COLUMN folded_into int8 REFERENCES message ON DELETE SET NULL,
	ADD COLUMN was_muted boolean NOT NULL DEFAULT false;
UPDATE message SET due_at = made_at;
DROP INDEX message_due;
CREATE INDEX message_due ON message (target_id, id) WHERE state = 'waiting';
CREATE INDEX message_muted ON message (target_id, event_id) WHERE state = 'muted';
CREATE INDEX message_dead ON message (id) WHERE state = 'failed';
CREATE INDEX message_folded ON message (folded_into) WHERE folded_into IS NOT NULL;
DROP INDEX message_sent;

-- Every event of an alert that a target asked for becomes a message in the same transaction,
-- unless the alert lives inside another: what is committed is told, once.  Of a silenced one
-- only what brings it to people becomes one, which waits for the end of the silence.
CREATE OR REPLACE FUNCTION alert_event_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO message (target_id, event_id, state)
	SELECT t.id, NEW.id, CASE WHEN q.until IS NULL THEN 'waiting' ELSE 'muted' END
	FROM target t
	JOIN alert a ON a.id = NEW.alert_id
	JOIN finding f ON f.id = a.finding_id
	JOIN service s ON s.id = f.service_id
	CROSS JOIN LATERAL (SELECT finding_silenced_until(f.id, NEW.at)) q (until)
	WHERE t.enabled AND alert_event_said(NEW.kind) = ANY (t.events) AND a.merged_into IS NULL
	  AND (t.service = '' OR s.name LIKE name_pattern(t.service))
	  AND (q.until IS NULL OR alert_event_said(NEW.kind) = ANY
		('{opened,reopened,escalated,regressed}'));
	RETURN NULL;
END $$;
