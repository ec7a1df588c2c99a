-- How the roles are: ready as the script with checksum $1 has them (what the database itself
-- allows is not in its dump), and whether this
-- connection may make them: it owns the tables, or is above their owner, and may make roles or
-- finds them made, with itself a member.  For migrations and "roles".  One row.
WITH role AS (
	SELECT count(r.oid) = 4 AND bool_and(pg_has_role(o.owner, r.oid, 'MEMBER')) AS made
	FROM pg_roles r, (SELECT tableowner AS owner FROM pg_tables
		WHERE schemaname = 'public' AND tablename = 'app_user') o
	WHERE r.rolname IN ('tidemark_ingest', 'tidemark_api', 'tidemark_limited', 'tidemark_read')
), me AS (
	SELECT rolsuper, rolsuper OR rolcreaterole AS makes FROM pg_roles WHERE rolname = current_user
)
SELECT COALESCE(role.made, false)
	AND EXISTS (SELECT FROM access_state WHERE checksum = $1::text)
	AND EXISTS (SELECT FROM pg_policies WHERE tablename = 'silence' AND policyname = 'limited_add')
	AND COALESCE(has_table_privilege(to_regrole('tidemark_api')::oid, 'service', 'SELECT'), false)
	AND NOT (COALESCE(has_database_privilege(to_regrole('tidemark_read')::oid,
			current_database(), 'TEMP'), false)
		AND pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()),
			'USAGE'))
	AS ready,
	(SELECT rolsuper OR pg_has_role((SELECT relowner FROM pg_class
		WHERE oid = 'app_user'::regclass), 'USAGE') FROM me)
	AND ((SELECT makes FROM me) OR COALESCE(role.made, false)) AS may_make
FROM role
