-- Stores classes of snapshot $1: $2 names, $3 locations, $4 counts, $5 shallow and $6
-- retained bytes, $7 distances.  Two of the same name and place become one; what is
-- there stays.  For ingest.
INSERT INTO snapshot_class (snapshot_id, name, location, count, shallow_bytes,
	retained_bytes, distance)
SELECT $1::int8, name, location, sum(count), sum(shallow), sum(retained), min(distance)
FROM unnest($2::text[], $3::text[], $4::int8[], $5::int8[], $6::int8[], $7::int4[])
	AS t (name, location, count, shallow, retained, distance)
GROUP BY name, location
ON CONFLICT DO NOTHING
