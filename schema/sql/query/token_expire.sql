-- Takes away tokens that have been of no use since before $1, and with which no agent came that
-- is still let in: those can be revoked with their token.  For the watch, once an hour.  A scan
-- of the table, which is small, with agent_token.
DELETE FROM token t WHERE least(t.expires_at, t.revoked_at) < $1::timestamptz
  AND NOT EXISTS (SELECT FROM agent a WHERE a.token_id = t.id AND a.revoked_at IS NULL)
