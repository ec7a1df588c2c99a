-- Notes that the script with checksum $1 was run.  For migrations and "roles".  One row.
INSERT INTO access_state (checksum) VALUES ($1::text)
ON CONFLICT (one) DO UPDATE SET checksum = excluded.checksum, applied_at = now()
