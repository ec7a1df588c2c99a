-- Why revision $1 waits: $2.  By the primary key.
UPDATE config_revision SET reason = $2::text
WHERE id = $1::int8 AND reason <> $2::text
