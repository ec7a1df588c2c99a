-- The tables of the schema without their partitions.  For tests of the roles, each of which has a
-- line in schema/sql/access/roles.sql.  About 80 rows.
SELECT c.relname AS name FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND NOT c.relispartition
ORDER BY c.relname
