-- Seals of the audit behind number $1 in their order, with what is there to be sealed, as
-- audit_said of the migration has it.  For "audit verify", which computes the hashes itself.  By
-- the primary key; at most 1,000 rows.
SELECT s.number, s.audit_id, s.hash, a.id IS NULL AS is_missing,
	jsonb_build_array(a.id, (extract(epoch FROM a.at) * 1000000)::int8, a.user_id,
		a.actor, a.action, a.service_id, a.host_id, a.subject, a.detail)::text AS said
FROM audit_seal s
LEFT JOIN audit a ON a.id = s.audit_id
WHERE s.number > $1::int8
ORDER BY s.number
LIMIT 1000
