-- Takes group $1 away with its history; its hosts get what the rules then say.  For DELETE
-- /config/groups/{id}.  By the primary key.
DELETE FROM config_group WHERE id = $1::int4
RETURNING id
