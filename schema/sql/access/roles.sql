-- The roles of the database and what each may do (docs/access.md).  Run by the owner of the
-- tables after migrations, whenever this file has changed; everything in it can be run again.
-- Who runs it either may make roles, or finds them made.
--
--   tidemark_ingest    stores what agents send; sees no passwords, sessions or targets
--   tidemark_api       answers requests; cannot change the audit or readings
--   tidemark_limited   answers requests of users who are limited to services: the policies
--                      below are the one place where that is decided
--   tidemark_read      reads the views of tm_api
--
-- The owner migrates, watches, and makes and drops partitions.  A role has no rights through
-- another one, so that tidemark_api, which may become tidemark_limited, is not limited.

DO $$
DECLARE
	role text;
	owner name := (SELECT tableowner FROM pg_tables
		WHERE schemaname = 'public' AND tablename = 'app_user');
BEGIN
	FOREACH role IN ARRAY ARRAY['tidemark_ingest', 'tidemark_api', 'tidemark_limited',
		'tidemark_read'] LOOP
		IF to_regrole(role) IS NULL THEN
			EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', role);
		END IF;
		IF NOT pg_has_role(owner, role, 'MEMBER') THEN
			EXECUTE format('GRANT %I TO %I', role, owner);
		END IF;
	END LOOP;
	IF NOT pg_has_role('tidemark_api', 'tidemark_limited', 'MEMBER') THEN
		GRANT tidemark_limited TO tidemark_api;
	END IF;
END $$;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM tidemark_ingest, tidemark_api, tidemark_limited;
REVOKE ALL ON ALL TABLES IN SCHEMA tm_api FROM tidemark_read;
GRANT USAGE ON SCHEMA public TO tidemark_ingest, tidemark_api, tidemark_limited;
GRANT USAGE ON SCHEMA tm_api TO tidemark_read;
GRANT SELECT ON ALL TABLES IN SCHEMA tm_api TO tidemark_read;

-- Views have the rights of who asks, as functions do.
DO $$
DECLARE
	v text;
BEGIN
	FOR v IN SELECT viewname FROM pg_views WHERE schemaname = 'public' LOOP
		EXECUTE format('ALTER VIEW public.%I SET (security_invoker = true)', v);
		EXECUTE format('GRANT SELECT ON public.%I TO tidemark_ingest, tidemark_api, '
			'tidemark_limited', v);
	END LOOP;
END $$;

-- What becomes of alerts by a step on one, and who is told, does not depend on who took it.
-- Partitions belong to the owner, whoever needs one first.
DO $$
DECLARE
	f text;
BEGIN
	FOR f IN
		SELECT t.tgfoid::regprocedure::text FROM pg_trigger t
		WHERE NOT t.tgisinternal AND t.tgrelid IN
			(SELECT to_regclass(r) FROM unnest(ARRAY['alert', 'alert_event', 'message',
				'target']) AS r)
		UNION
		SELECT p.oid::regprocedure::text FROM pg_proc p
		WHERE p.pronamespace = 'public'::regnamespace
		  AND p.proname IN ('partition_make', 'partition_make_hour', 'partition_make_month')
	LOOP
		EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = public, pg_temp', f);
	END LOOP;
END $$;

-- Who calls what writes, waits for a lock or speaks for the owner.  What is not granted here is
-- the owner's: a trigger's function could be put on a table of one's own, and would do there
-- what the owner may.  Other functions do nothing that who calls them may not do.
DO $$
DECLARE
	f text;
BEGIN
	FOR f IN
		SELECT p.oid::regprocedure::text FROM pg_proc p
		WHERE p.pronamespace = 'public'::regnamespace
		  AND p.proowner = (SELECT relowner FROM pg_class WHERE oid = 'app_user'::regclass)
		  AND (p.prosecdef OR p.provolatile = 'v' OR p.prorettype = 'trigger'::regtype)
		  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
			AND d.objid = p.oid AND d.deptype = 'e')
	LOOP
		EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, tidemark_ingest, '
			'tidemark_api, tidemark_limited, tidemark_read', f);
	END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION limit_to(int4, text), alert_beyond(int8)
	TO tidemark_api, tidemark_limited;
GRANT EXECUTE ON FUNCTION partition_make(text, date), partition_make_hour(text, timestamptz),
	storage_hold(int8), slot_seat(int4[]) TO tidemark_ingest;

-- Nobody but the owner has tables of his own here, also no temporary ones.  Who owns the
-- database decides that; where it is somebody else, it is left as it is.
DO $$
BEGIN
	IF pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()),
		'USAGE') THEN
		EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
		EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO %I', current_database(),
			(SELECT tableowner FROM pg_tables
			WHERE schemaname = 'public' AND tablename = 'app_user'));
	END IF;
END $$;

-- The tables: what ingest, the api and the api for limited users do with each (r read, a add,
-- w change, d take away), and which rows the last one sees (NULL: all; no right, no rows).
-- People, sessions and tokens have columns of their own below.
CREATE TEMP TABLE access_table (name text, ingest text, api text, limited text, rows text)
	ON COMMIT DROP;
INSERT INTO access_table VALUES
	-- Who is watched.
	('service',             'raw', 'ra',   'r',    'id IN (SELECT limit_services())'),
	('fingerprint',         'raw', 'r',    'r',    'service_id IN (SELECT limit_services())'),
	('slot',                'raw', 'r',    'r',    'service_id IN (SELECT limit_services())'),
	('generation',          'raw', 'r',    'r',    'EXISTS (SELECT FROM slot s WHERE s.id = slot_id)'),
	('host',                'raw', 'rw',   'r',    'EXISTS (SELECT FROM slot s WHERE s.host_id = host.id)'),
	('host_label',          'rawd', 'rawd', 'r',   'EXISTS (SELECT FROM host h WHERE h.id = host_id)'),
	('agent',               'raw', 'rw',   'r',    'EXISTS (SELECT FROM host h WHERE h.id = host_id)'),
	('stream',              'raw', 'r',    '',     NULL),
	('gap',                 'ra',  'r',    'r',    'EXISTS (SELECT FROM host h WHERE h.id = host_id)'),
	('content',             'raw', 'r',    'r',    'EXISTS (SELECT FROM fingerprint f WHERE f.hash = content.hash)'),
	('content_package',     'raw', 'r',    'r',    'EXISTS (SELECT FROM content c WHERE c.id = content_id)'),
	('package',             'raw', 'r',    'r',    'EXISTS (SELECT FROM content_package c WHERE c.package_id = package.id)'),
	('deploy',              'raw', 'raw',  'raw',  'service_id IN (SELECT limit_services())'),
	-- What was read.  Rows of the first four are written by COPY, which policies forbid: they are
	-- numbers of processes and hosts, which the tables above give out.
	('sample',              'raw', 'r',    'r',    NULL),
	('sample_late',         'raw', 'r',    'r',    NULL),
	('host_sample',         'raw', 'r',    'r',    NULL),
	('host_sample_late',    'raw', 'r',    'r',    NULL),
	('segment',             'r',   'r',    'r',    'service_id = 0 OR service_id IN (SELECT limit_services())'),
	('chunk',               'r',   'r',    'r',    'CASE WHEN subject < 0 THEN EXISTS (SELECT FROM host h WHERE h.id = -subject) ELSE EXISTS (SELECT FROM generation g WHERE g.id = subject) END'),
	('slot_rollup',         'r',   'r',    'r',    'EXISTS (SELECT FROM slot s WHERE s.id = slot_id)'),
	('version_rollup',      'r',   'r',    'r',    'service_id IN (SELECT limit_services())'),
	('storage',             'r',   'r',    'r',    NULL),
	('ingest_minute',       'raw', 'r',    'r',    NULL),
	('shard',               'r',   'r',    'r',    NULL),
	('shard_place',         'r',   'r',    'r',    NULL),
	('shard_ledger',        'raw', '',     '',     NULL),
	('census_name',         'raw', 'r',    'r',    'service_id IN (SELECT limit_services())'),
	('census',              'raw', 'r',    'r',    'EXISTS (SELECT FROM generation g WHERE g.id = generation_id)'),
	('warning',             'raw', 'r',    'r',    'EXISTS (SELECT FROM generation g WHERE g.id = generation_id)'),
	('source',              'raw', 'r',    'r',    'EXISTS (SELECT FROM queue q WHERE q.source_id = source.id)'),
	('queue',               'raw', 'r',    'r',    'EXISTS (SELECT FROM service s WHERE name_matches(s.name, producers || workers))'),
	('queue_sample',        'raw', 'r',    'r',    'EXISTS (SELECT FROM queue q WHERE q.id = queue_id)'),
	-- Heap snapshots.
	('capture',             'rw',  'raw',  'raw',  'service_id IN (SELECT limit_services())'),
	('snapshot',            'raw', 'r',    'r',    'service_id IN (SELECT limit_services())'),
	('snapshot_class',      'ra',  'r',    'r',    'EXISTS (SELECT FROM snapshot n WHERE n.id = snapshot_id)'),
	('snapshot_raw',        'raw', 'rw',   'r',    'EXISTS (SELECT FROM snapshot n WHERE n.id = snapshot_id)'),
	('snapshot_raw_part',   'rad', 'rd',   '',     NULL),
	('snapshot_policy',     'r',   'raw',  'r',    'service_id IN (SELECT limit_services())'),
	-- What it means.
	('slot_state',          '',    '',     '',     NULL),
	('service_state',       '',    '',     '',     NULL),
	('slot_verdict',        'r',   'r',    'r',    'EXISTS (SELECT FROM slot s WHERE s.id = slot_id)'),
	('version_verdict',     'r',   'r',    'r',    'service_id IN (SELECT limit_services())'),
	('service_trend',       'r',   'r',    'r',    'service_id IN (SELECT limit_services())'),
	('finding',             'r',   'raw',  'raw',  'service_id IN (SELECT limit_services())'),
	('finding_slot',        'r',   'rw',   'rw',   'EXISTS (SELECT FROM slot s WHERE s.id = slot_id)'),
	('finding_split',       'r',   'rad',  'rad',  'EXISTS (SELECT FROM slot s WHERE s.id = slot_id)'),
	('finding_version',     'r',   'ra',   'ra',   'EXISTS (SELECT FROM fingerprint f WHERE f.id = fingerprint_id)'),
	('alert',               'r',   'raw',  'raw',  'EXISTS (SELECT FROM finding f WHERE f.id = finding_id)'),
	('alert_event',         'r',   'ra',   'ra',   'EXISTS (SELECT FROM alert a WHERE a.id = alert_id)'),
	('hypothesis',          '',    'rawd', 'rawd', 'EXISTS (SELECT FROM alert a WHERE a.id = alert_id)'),
	('feedback',            '',    'raw',  'raw',  'service_id IN (SELECT limit_services())'),
	('service_setting',     '',    'raw',  'raw',  'service_id IN (SELECT limit_services())'),
	('replay',              '',    'rad',  'rad',  'service_id IN (SELECT limit_services())'),
	('experiment',          '',    'rawd', 'rawd', 'service_id IN (SELECT limit_services())'),
	('silence',             '',    'raw',  'raw',  'service = '''' OR EXISTS (SELECT FROM service s WHERE s.name LIKE name_pattern(silence.service))'),
	-- Who is told.
	('target',              '',    'rawd', '',     NULL),
	('target_secret',       '',    'rw',   '',     NULL),
	('target_state',        '',    'rw',   '',     NULL),
	('target_alert',        '',    '',     '',     NULL),
	('message',             '',    'rawd', '',     NULL),
	('target_secret',       '',    'rw',   '',     NULL),
	('target_state',        '',    'rw',   '',     NULL),
	('target_alert',        '',    'r',    '',     NULL),
	-- What agents are told.
	('config_group',        'r',   'rawd', 'r',    'EXISTS (SELECT FROM agent_config c WHERE c.group_id = config_group.id)'),
	('config_revision',     'r',   'rawd', '',     'EXISTS (SELECT FROM agent_config c WHERE c.desired_id = config_revision.id)'),
	('agent_config',        'r',   'rawd', 'r',    'EXISTS (SELECT FROM agent a WHERE a.id = agent_id)'),
	('config_turn',         '',    'rw',   '',     NULL),
	-- Who looks.
	('audit',               'a',   'ra',   'a',    NULL),
	('audit_seal',          '',    'r',    '',     NULL),
	('audit_turn',          '',    '',     '',     NULL),
	('partition_turn',      '',    '',     '',     NULL),
	('session',             '',    'rawd', '',     NULL),
	('app_user',            '',    'raw',  '',     NULL),
	('token',               'r',   'raw',  '',     NULL),
	('token_label',         'r',   'rad',  '',     NULL),
	('schema_migration',    'r',   'r',    'r',    NULL),
	('access_state',        'r',   'r',    'r',    NULL);

-- Tables that stand nowhere above yet belong to what the api and ingest do, and are not seen by
-- limited users.  (tests/unit/server/store/roles_test finds them.)
INSERT INTO access_table
SELECT c.relname, 'rawd', 'rawd', '', NULL
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM access_table t WHERE t.name = c.relname);

DO $$
DECLARE
	t record;
	rights text;
	who text;
BEGIN
	FOR t IN SELECT * FROM access_table WHERE to_regclass('public.' || name) IS NOT NULL LOOP
		FOREACH who IN ARRAY ARRAY['ingest', 'api', 'limited'] LOOP
			rights := (SELECT string_agg(r.said, ', ') FROM (VALUES ('r', 'SELECT'),
				('a', 'INSERT'), ('w', 'UPDATE'), ('d', 'DELETE')) AS r (letter, said)
				WHERE strpos(to_jsonb(t) ->> who, r.letter) > 0);
			IF rights IS NOT NULL THEN
				EXECUTE format('GRANT %s ON public.%I TO %I', rights, t.name,
					'tidemark_' || who);
			END IF;
		END LOOP;
		EXECUTE format('DROP POLICY IF EXISTS everybody ON public.%I', t.name);
		EXECUTE format('DROP POLICY IF EXISTS limited ON public.%I', t.name);
		IF t.rows IS NOT NULL THEN
			EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', t.name);
			EXECUTE format('CREATE POLICY everybody ON public.%I USING (true) '
				'WITH CHECK (true)', t.name);
			EXECUTE format('CREATE POLICY limited ON public.%I AS RESTRICTIVE '
				'TO tidemark_limited USING (%s)', t.name, t.rows);
		ELSIF EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('public.' || t.name)
			AND relrowsecurity) THEN
			EXECUTE format('ALTER TABLE public.%I DISABLE ROW LEVEL SECURITY', t.name);
		END IF;
	END LOOP;
END $$;

-- A silence that fits services beyond the limit is seen, and is not theirs to make or change.
DROP POLICY IF EXISTS limited_add ON silence;
DROP POLICY IF EXISTS limited_change ON silence;
CREATE POLICY limited_add ON silence AS RESTRICTIVE FOR INSERT TO tidemark_limited
	WITH CHECK (limit_allows(service));
CREATE POLICY limited_change ON silence AS RESTRICTIVE FOR UPDATE TO tidemark_limited
	USING (limit_allows(service));

-- Names of people, and nothing else of them.
GRANT SELECT (id, name, role, retired_at) ON app_user TO tidemark_ingest, tidemark_limited;

-- Whether an agent runs what it was told, not what that says.
GRANT SELECT (id, hash) ON config_revision TO tidemark_limited;

-- Who asks for a replay holds its service's row for the moment.
GRANT UPDATE (first_seen_at) ON service TO tidemark_api, tidemark_limited;

-- Who stores counts the uses of a join token.
GRANT UPDATE (uses) ON token TO tidemark_ingest;
