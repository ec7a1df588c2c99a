-- The right to write what is in 0019_config.sql, until the transaction ends.  By the primary
-- key; one row.
SELECT one FROM config_turn FOR UPDATE
