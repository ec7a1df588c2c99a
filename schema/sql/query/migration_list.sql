-- The migrations that were applied, in order.  A row each: dozens.
SELECT name, checksum, applied_at FROM schema_migration ORDER BY name
