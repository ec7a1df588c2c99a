-- The labels of hosts, of host $1 or of all when it is NULL, by key and value.  For GET
-- /hosts and /hosts/{id}.  By the primary key or the whole table; at most 16 rows a host.
SELECT host_id, key, value FROM host_label
WHERE $1::int4 IS NULL OR host_id = $1::int4
ORDER BY key, value, host_id
