-- A finding of its own for seats $2 of finding $1, which it takes along, with what was
-- known of $1.  For POST /alerts/{id}/split, with its alert held.  By the primary keys; one
-- row.
WITH made AS (
	INSERT INTO finding (service_id, fingerprint_id, kind, active, first_at, last_at,
		confirmed_at, onset_at, onset_low_at, onset_high_at, level, cause, slots,
		slots_leaking, hosts, hosts_leaking, summary, reasons)
	SELECT f.service_id, f.fingerprint_id, f.kind, f.active, f.first_at, f.last_at,
		f.confirmed_at, f.onset_at, f.onset_low_at, f.onset_high_at, f.level, f.cause, 0, 0,
		0, 0, s.name || ' ' || p.label || ': '
			|| CASE cardinality($2::int4[]) WHEN 1 THEN '1 instance'
				ELSE cardinality($2::int4[]) || ' instances' END || ' split off',
		f.reasons
	FROM finding f
	JOIN service s ON s.id = f.service_id
	JOIN version_label p ON p.id = f.fingerprint_id
	WHERE f.id = $1::int8
	RETURNING id
), versions AS (
	INSERT INTO finding_version (finding_id, fingerprint_id)
	SELECT made.id, v.fingerprint_id FROM made, finding_version v WHERE v.finding_id = $1::int8
), left_behind AS (
	DELETE FROM finding_split WHERE finding_id = $1::int8 AND slot_id = ANY ($2::int4[])
), seats AS (
	INSERT INTO finding_split (finding_id, slot_id)
	SELECT made.id, unnest($2::int4[]) FROM made
), moved AS (
	UPDATE finding_slot i SET finding_id = made.id FROM made
	WHERE i.finding_id = $1::int8 AND i.slot_id = ANY ($2::int4[])
)
SELECT id FROM made
