-- Who may do what: roles of users, the services to which people and tokens are limited,
-- sessions that can be listed and ended one by one, and a seal on the audit.

-- Who works on alerts is an operator.
ALTER TABLE app_user DROP CONSTRAINT app_user_role_check;
UPDATE app_user SET role = 'operator' WHERE role = 'member';
ALTER TABLE app_user ADD CHECK (role IN ('viewer', 'operator', 'admin'));

-- Names of services, or globs over them, to which somebody is limited; NULL: to none.  Who may
-- do everything could lift his own limit, so has none.
ALTER TABLE app_user
	ADD COLUMN services text[],
	ADD CHECK (services IS NULL OR role <> 'admin');

-- Of API tokens: what is asked with one is allowed by both, the token and who made it.
ALTER TABLE token
	ADD COLUMN role text CHECK (role IN ('viewer', 'operator', 'admin')), -- NULL: the user's
	ADD COLUMN services text[],                                           -- NULL: the user's
	ADD COLUMN last_used_at timestamptz;      -- noted once a minute

-- For people, to know their sessions apart.
ALTER TABLE session
	ADD COLUMN id int8 GENERATED ALWAYS AS IDENTITY UNIQUE,
	ADD COLUMN address text NOT NULL DEFAULT '',
	ADD COLUMN program text NOT NULL DEFAULT '';  -- what the browser calls itself
CREATE INDEX session_owner ON session (user_id);

-- How this database's roles were made (schema/sql/access/roles.sql), so that it is done once.
CREATE TABLE access_state (
	one        boolean PRIMARY KEY DEFAULT true CHECK (one),
	checksum   text NOT NULL,                 -- of the script
	applied_at timestamptz NOT NULL DEFAULT now()
);

-- The services that a connection of the role tidemark_limited sees: the policies on tables ask
-- nothing else.  Nothing is set: none.
CREATE FUNCTION limit_services() RETURNS SETOF int4 LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT unnest(NULLIF(current_setting('tidemark.services', true), '')::int4[])
$$;

-- The globs of a user, and of a token of his where he came with one: NULL is no limit.  No row:
-- no such user.
CREATE FUNCTION limit_globs(who int4, token_id text)
RETURNS TABLE (of_user text[], of_token text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
	SELECT u.services, t.services
	FROM app_user u LEFT JOIN token t ON t.id = token_id
	WHERE u.id = who
$$;

-- Limits this connection to what that user may see, until it is called again.  Nobody sees
-- nothing.
CREATE FUNCTION limit_to(who int4, token_id text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
	SELECT set_config('tidemark.services', COALESCE((
			SELECT array_agg(s.id)::text FROM service s, limit_globs(who, token_id) g
			WHERE (g.of_user IS NULL OR name_matches(s.name, g.of_user))
			  AND (g.of_token IS NULL OR name_matches(s.name, g.of_token))), '{}'), false),
		set_config('tidemark.globs_user', COALESCE((SELECT COALESCE(of_user::text, '')
			FROM limit_globs(who, token_id)), '{}'), false),
		set_config('tidemark.globs_token', COALESCE((SELECT COALESCE(of_token::text, '')
			FROM limit_globs(who, token_id)), '{}'), false)
$$;

-- Whether a glob can fit no service beyond the limit, also none to come: it is one of the globs
-- of the limit, or a name that one of them fits.
CREATE FUNCTION limit_allows(glob text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT glob <> '' AND bool_and(limits.list IS NULL OR glob = ANY (limits.list)
		OR glob !~ '[*?]' AND name_matches(glob, limits.list))
	FROM (VALUES (NULLIF(current_setting('tidemark.globs_user', true), '')::text[]),
		(NULLIF(current_setting('tidemark.globs_token', true), '')::text[])) AS limits (list)
	WHERE current_setting('tidemark.services', true) IS NOT NULL
$$;

-- The seal of the audit: rows in the order in which they were committed, without a gap, each
-- with the hash of the one before inside its own (docs/access.md).
CREATE TABLE audit_seal (
	number   int8 PRIMARY KEY,
	audit_id int8 NOT NULL UNIQUE,
	hash     bytea NOT NULL CHECK (length(hash) = 32)
);

-- What is sealed of a row.
CREATE FUNCTION audit_said(a audit) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_array(a.id, (extract(epoch FROM a.at) * 1000000)::int8, a.user_id,
		a.actor, a.action, a.service_id, a.host_id, a.subject, a.detail)::text
$$;

-- Who writes a seal, or makes a partition, locks one of these, which stay empty.  A number that
-- is locked instead (pg_advisory_lock) could be held by anybody who may connect.
CREATE TABLE audit_turn ();
CREATE TABLE partition_turn ();

-- When the transaction ends, so that whoever writes to the audit makes others wait for no
-- longer than its commit; each statement sees what was committed before the lock.
CREATE FUNCTION audit_sealed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	before audit_seal;
BEGIN
	LOCK TABLE audit_turn IN SHARE ROW EXCLUSIVE MODE;
	SELECT * INTO before FROM audit_seal ORDER BY number DESC LIMIT 1;
	INSERT INTO audit_seal (number, audit_id, hash)
	VALUES (COALESCE(before.number, 0) + 1, NEW.id,
		sha256(COALESCE(before.hash, '') || convert_to(audit_said(NEW), 'UTF8')));
	RETURN NULL;
END $$;

-- Rows of before are sealed as they stand now.  Programs of the version before may go on
-- writing until here; what they write later has its seal from the trigger.
LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE;
DO $$
DECLARE
	a audit;
	hash bytea := '';
	number int8 := 0;
BEGIN
	FOR a IN SELECT * FROM audit ORDER BY id LOOP
		number := number + 1;
		hash := sha256(hash || convert_to(audit_said(a), 'UTF8'));
		INSERT INTO audit_seal VALUES (number, a.id, hash);
	END LOOP;
END $$;

CREATE CONSTRAINT TRIGGER audit_sealed AFTER INSERT ON audit
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_sealed();
CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
	FOR EACH STATEMENT EXECUTE FUNCTION audit_keep();

-- As in 0007_storage.sql, but for the lock.
CREATE OR REPLACE FUNCTION partition_attach(parent text, child text, from_at timestamptz,
	to_at timestamptz, options text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
	IF to_regclass(child) IS NOT NULL THEN
		RETURN false;
	END IF;
	LOCK TABLE partition_turn IN SHARE ROW EXCLUSIVE MODE;
	-- Asked of the table itself: to_regclass may still remember that there was none.
	PERFORM FROM partition_list(parent) AS p
	WHERE p.from_at < partition_attach.to_at AND p.to_at > partition_attach.from_at;
	IF FOUND THEN
		RETURN false;
	END IF;
	EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING STORAGE) %s', child, parent,
		options);
	EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
		parent, child, from_at, to_at);
	RETURN true;
END $$;

-- Whether a step on an alert may reach a service beyond the limit of this connection: alerts
-- inside move with the one that they are in, and open it again.  No limit: none does.
CREATE FUNCTION alert_beyond(alert int8) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
	SELECT current_setting('tidemark.services', true) IS NOT NULL AND EXISTS (
		SELECT FROM alert a JOIN finding f ON f.id = a.finding_id
		WHERE (a.merged_into = alert_beyond.alert
			OR a.id = (SELECT o.merged_into FROM alert o WHERE o.id = alert_beyond.alert))
		  AND f.service_id NOT IN (SELECT limit_services()))
$$;

-- For the filters of GET /audit.
CREATE INDEX audit_action ON audit (action text_pattern_ops, id);
CREATE INDEX audit_actor ON audit (actor, id);
