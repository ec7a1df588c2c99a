-- Whether the role of limited users is there and was given its rights here.  For POST and PUT
-- /users.  One row.
SELECT COALESCE(has_table_privilege(to_regrole('tidemark_limited')::oid, 'service', 'SELECT'),
	false) AS can
