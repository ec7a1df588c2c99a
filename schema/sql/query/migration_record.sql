-- Records one migration, in the transaction that applied it.
INSERT INTO schema_migration (name, checksum) VALUES ($1, $2)
