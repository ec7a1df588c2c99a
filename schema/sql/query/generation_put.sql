-- Finds or makes process lives, and moves those that another rule now gives to another
-- service, seat or version.  $1 slots, $2 fingerprints, $3 hosts, $4 boots, $5 pids,
-- $6 start ticks, $7 start and $8 newest sample in Unix ms, $9 commands, $10 rules.  For
-- ingest, once for each new one; a row each, id NULL: ask again.
WITH asked AS (
	SELECT * FROM unnest($1::int4[], $2::int4[], $3::int4[], $4::text[], $5::int4[],
		$6::int8[], $7::int8[], $8::int8[], $9::text[], $10::text[])
	WITH ORDINALITY AS t (slot_id, fingerprint_id, host_id, boot_id, pid,
		start_ticks, started_ms, seen_ms, command, rule, n)
), moved AS (
	UPDATE generation g
	SET slot_id = asked.slot_id,
	    fingerprint_id = fingerprint_told(g.fingerprint_id, asked.fingerprint_id),
	    command = asked.command, rule = asked.rule
	FROM asked
	WHERE g.host_id = asked.host_id AND g.boot_id = asked.boot_id
	  AND g.pid = asked.pid AND g.start_ticks = asked.start_ticks
	  AND (g.slot_id, g.fingerprint_id, g.command, g.rule) IS DISTINCT FROM
	      (asked.slot_id, fingerprint_told(g.fingerprint_id, asked.fingerprint_id),
	       asked.command, asked.rule)
), made AS (
	INSERT INTO generation (slot_id, fingerprint_id, host_id, boot_id, pid,
		start_ticks, started_at, last_sample_at, command, rule)
	SELECT slot_id, fingerprint_id, host_id, boot_id, pid, start_ticks,
	       timestamptz 'epoch' + started_ms * interval '1 ms',
	       timestamptz 'epoch' + seen_ms * interval '1 ms', command, rule
	FROM asked
	WHERE NOT EXISTS (
		SELECT FROM generation g
		WHERE g.host_id = asked.host_id AND g.boot_id = asked.boot_id
		  AND g.pid = asked.pid AND g.start_ticks = asked.start_ticks)
	ORDER BY host_id, boot_id, pid, start_ticks
	ON CONFLICT DO NOTHING
	RETURNING id, host_id, boot_id, pid, start_ticks
)
SELECT asked.n, coalesce(g.id, made.id) AS id, made.id IS NOT NULL AS made
FROM asked
LEFT JOIN generation g ON g.host_id = asked.host_id AND g.boot_id = asked.boot_id
	AND g.pid = asked.pid AND g.start_ticks = asked.start_ticks
LEFT JOIN made ON made.host_id = asked.host_id AND made.boot_id = asked.boot_id
	AND made.pid = asked.pid AND made.start_ticks = asked.start_ticks
