-- Experiments, and users who leave.

-- A marked span of a service: a load, a canary, a trial of a fix.  Shown on its charts, and
-- to be compared with others.
CREATE TABLE experiment (
	id         int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	service_id int4 NOT NULL REFERENCES service,
	name       text NOT NULL,
	note       text NOT NULL DEFAULT '',
	from_at    timestamptz NOT NULL,
	to_at      timestamptz CHECK (to_at >= from_at), -- NULL: it goes on
	created_by text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX experiment_service ON experiment (service_id, from_at);
CREATE INDEX experiment_from ON experiment (from_at, id);

-- Who has left cannot log in, and what they did stays theirs.
ALTER TABLE app_user ADD COLUMN retired_at timestamptz;
