-- What runs where (contents of fingerprints, deploys), what processes hold and complain
-- of (insides, census, warnings), and the queues they work on.

-- What a version consists of: schema/insight.h.  One row for each content, whoever runs
-- it.  `packages` comes with the content, once.
CREATE TABLE content (
	id              int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	hash            text NOT NULL UNIQUE,
	app             text NOT NULL,
	app_version     text NOT NULL,
	git_head        text NOT NULL,
	build_id        text NOT NULL,
	image           text NOT NULL,
	runtime         text NOT NULL,
	runtime_version text NOT NULL,
	source          text NOT NULL,         -- where the packages stand; '' none
	is_cut          boolean NOT NULL,
	environment     text[] NOT NULL,       -- "NAME=value"
	remarks         text[] NOT NULL,       -- what could not be read
	first_seen_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE package (
	id      int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name    text NOT NULL,
	version text NOT NULL,
	UNIQUE (name, version)
);

CREATE TABLE content_package (
	content_id int4 NOT NULL REFERENCES content,
	package_id int4 NOT NULL REFERENCES package,
	PRIMARY KEY (content_id, package_id)
);
CREATE INDEX content_package_package ON content_package (package_id);

-- A version is a content now, where the agent can tell.  The content may come after the
-- first samples, so the hash alone is the link.
ALTER TABLE fingerprint
	ADD COLUMN hash text NOT NULL DEFAULT '',
	DROP CONSTRAINT fingerprint_service_id_version_runtime_key,
	ADD UNIQUE (service_id, version, runtime, hash);
CREATE INDEX fingerprint_hash ON fingerprint (hash) WHERE hash <> '';

-- The version of a process that is known to be of one and now said to be of another: who
-- does not know what the same version consists of says nothing against who did.
CREATE FUNCTION fingerprint_told(known int4, told int4) RETURNS int4
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN known = told THEN told ELSE coalesce((
		SELECT k.id
		FROM fingerprint t
		JOIN fingerprint k ON k.service_id = t.service_id AND k.version = t.version
			AND k.runtime = t.runtime
		WHERE t.id = told AND t.hash = '' AND k.id = known AND k.hash <> ''), told) END
$$;

-- A moment at which something changed: said by people or their pipeline ('api'), or seen
-- as the process with which a fingerprint began to run, or to run again ('seen').
CREATE TABLE deploy (
	id             int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	service_id     int4 NOT NULL REFERENCES service,
	at             timestamptz NOT NULL,
	origin         text NOT NULL CHECK (origin IN ('api', 'seen')),
	kind           text NOT NULL CHECK (kind IN ('deploy', 'config', 'load')),
	version        text NOT NULL DEFAULT '',
	note           text NOT NULL DEFAULT '',
	actor          text NOT NULL DEFAULT '',
	fingerprint_id int4 REFERENCES fingerprint,
	created_at     timestamptz NOT NULL DEFAULT now(),
	UNIQUE (fingerprint_id, at)
);
CREATE INDEX deploy_service ON deploy (service_id, at);

-- Insides of processes: metric.def, scope PROCESS, from heap_used_kb on.
ALTER TABLE sample
	ADD COLUMN heap_used_kb       int8,
	ADD COLUMN heap_total_kb      int8,
	ADD COLUMN heap_limit_kb      int8,
	ADD COLUMN heap_floor_kb      int8,
	ADD COLUMN heap_new_kb        int8,
	ADD COLUMN heap_old_kb        int8,
	ADD COLUMN heap_large_kb      int8,
	ADD COLUMN heap_code_kb       int8,
	ADD COLUMN heap_other_kb      int8,
	ADD COLUMN external_kb        int8,
	ADD COLUMN array_buffers_kb   int8,
	ADD COLUMN native_contexts    int4,
	ADD COLUMN detached_contexts  int4,
	ADD COLUMN loop_delay_p99_us  int8,
	ADD COLUMN loop_delay_max_us  int8,
	ADD COLUMN loop_busy_permille int4,
	ADD COLUMN gc_count           int8,
	ADD COLUMN gc_full_count      int8,
	ADD COLUMN gc_ms              int8,
	ADD COLUMN resources          int4,
	ADD COLUMN timers             int8,
	ADD COLUMN listeners          int8,
	ADD COLUMN requests           int8,
	ADD COLUMN backlog            int4,
	ADD COLUMN insides_us         int8,
	ADD COLUMN insides_bytes      int8,
	ADD COLUMN insides_pause_us   int8;

-- Censuses: what was counted, by names that live once.
CREATE TABLE census_name (
	id         int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	service_id int4 NOT NULL REFERENCES service,
	kind       int2 NOT NULL,             -- enum census_kind
	name       text NOT NULL,
	location   text NOT NULL,
	UNIQUE (service_id, kind, name, location)
);

CREATE TABLE census (
	id            int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	generation_id int4 NOT NULL REFERENCES generation,
	at            timestamptz NOT NULL,
	route         text NOT NULL,
	took_us       int8 NOT NULL,
	is_cut        boolean NOT NULL,
	name_ids      int4[] NOT NULL,        -- of census_name; largest count first
	counts        int8[] NOT NULL,
	UNIQUE (generation_id, at),
	CHECK (cardinality(name_ids) = cardinality(counts))
);
CREATE INDEX census_at ON census USING brin (at) WITH (pages_per_range = 16);

-- Signs of trouble.  The same words of one process are one row that counts.
CREATE TABLE warning (
	id            int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	host_id       int4 NOT NULL REFERENCES host,
	generation_id int4 REFERENCES generation,  -- NULL: of none that is followed
	kind          text NOT NULL,           -- as enum warning_kind: 'max_listeners' ...
	source        text NOT NULL,
	fields        jsonb NOT NULL,          -- {name: value}
	signature     text NOT NULL,           -- hash of kind, source and fields but counts
	first_at      timestamptz NOT NULL,
	last_at       timestamptz NOT NULL,
	count         int8 NOT NULL
);
CREATE UNIQUE INDEX warning_signature
	ON warning (host_id, COALESCE(generation_id, 0), signature);
CREATE INDEX warning_last ON warning (last_at);
CREATE INDEX warning_generation ON warning (generation_id, last_at);

-- A source of queues or load on a host, and how it does.
CREATE TABLE source (
	id         int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	host_id    int4 NOT NULL REFERENCES host,
	name       text NOT NULL,
	kind       text NOT NULL DEFAULT '',
	works      boolean NOT NULL DEFAULT true,
	text       text NOT NULL DEFAULT '',
	took_us    int8 NOT NULL DEFAULT 0,
	at         timestamptz NOT NULL,
	changed_at timestamptz NOT NULL,       -- since when it works, or does not
	UNIQUE (host_id, name)
);

CREATE TABLE queue (
	id            int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	source_id     int4 NOT NULL REFERENCES source,
	kind          text NOT NULL,
	name          text NOT NULL,
	producers     text[] NOT NULL DEFAULT '{}',  -- globs over names of services
	workers       text[] NOT NULL DEFAULT '{}',
	first_seen_at timestamptz NOT NULL DEFAULT now(),
	last_at       timestamptz NOT NULL,
	UNIQUE (source_id, name)
);

-- Readings of one queue; columns as in metric.def, scope QUEUE, in its order.
CREATE TABLE queue_sample (
	queue_id  int4 NOT NULL,
	at        timestamptz NOT NULL,
	depth     int8,
	waiting   int8,
	active    int8,
	delayed   int8,
	failed    int8,
	entered   int8,
	completed int8,
	failures  int8,
	oldest_ms int8,
	overdue   int8,
	workers   int4
) PARTITION BY RANGE (at);
CREATE INDEX queue_sample_at ON queue_sample USING brin (at) WITH (pages_per_range = 16);

-- Whether a name is one of the globs, in which '*' is any text and '?' any character.
CREATE FUNCTION name_matches(name text, globs text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT EXISTS (SELECT FROM unnest(globs) AS glob
		WHERE name LIKE replace(replace(replace(replace(replace(glob,
			'\', '\\'), '%', '\%'), '_', '\_'), '*', '%'), '?', '_'))
$$;

-- What a pipeline says twice is one deploy.
CREATE UNIQUE INDEX deploy_said ON deploy (service_id, version, at) WHERE origin = 'api';

-- What a version is called: unique within its service.  Equal version strings are told
-- apart by their runtimes where those differ, and by the beginning of the content's hash
-- where only the contents do.
CREATE VIEW version_label AS
SELECT f.id, f.service_id, f.version, f.runtime, f.hash, f.first_seen_at,
	ltrim(f.version
		|| CASE WHEN f.runtime <> '' AND EXISTS (SELECT FROM fingerprint o
			WHERE o.service_id = f.service_id AND o.version = f.version
			  AND o.runtime NOT IN (f.runtime, ''))
			THEN ' · ' || f.runtime ELSE '' END
		|| CASE WHEN f.hash <> '' AND EXISTS (SELECT FROM fingerprint o
			WHERE o.service_id = f.service_id AND o.version = f.version
			  AND o.runtime = f.runtime AND o.hash NOT IN (f.hash, ''))
			THEN ' · deps ' || left(f.hash, 6) ELSE '' END, ' ·') AS label
FROM fingerprint f;

-- Verdicts of versions that are not out of date.  What a process runs may be learnt after
-- its first readings; it then leaves the version without contents, which was none.
CREATE OR REPLACE FUNCTION version_now(now_at timestamptz)
RETURNS SETOF version_verdict LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT * FROM version_verdict v
	WHERE at > now_at - interval '15 minutes'
	  AND EXISTS (SELECT FROM generation g WHERE g.fingerprint_id = v.fingerprint_id)
$$;
