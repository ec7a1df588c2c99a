-- Who owns the tables, as an identifier.  For "roles --sql".  One row.
SELECT quote_ident(tableowner) AS owner FROM pg_tables
WHERE schemaname = 'public' AND tablename = 'app_user'
