-- Makes the migration runner's own table, on a database's first day.
CREATE TABLE IF NOT EXISTS schema_migration (
	name       text PRIMARY KEY,
	checksum   text NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT now()
)
