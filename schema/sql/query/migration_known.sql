-- Whether this database has ever been migrated.  For the migration runner; one row.
SELECT to_regclass('schema_migration') IS NOT NULL AS known
