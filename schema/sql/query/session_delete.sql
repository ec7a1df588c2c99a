-- Ends a session.  For DELETE /session, and for the old one at login.  By the primary
-- key; at most one row.
DELETE FROM session WHERE token_hash = $1::bytea
