-- By which route the insides of the newest process of seat $1 were last counted.  For GET
-- /instances/{id}/insides.  By (generation_id, at); at most one row.
SELECT c.route, c.at, c.took_us
FROM census c
WHERE c.generation_id = (SELECT generation_id FROM slot_now WHERE slot_id = $1::int4)
ORDER BY c.at DESC
LIMIT 1
