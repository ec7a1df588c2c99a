-- The keys that may connect.  For ingest, at start and when they change; a row per
-- enrolled agent.
SELECT id, public_key FROM agent WHERE revoked_at IS NULL
