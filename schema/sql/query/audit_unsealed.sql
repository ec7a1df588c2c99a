-- The first row of the audit without a seal; NULL when each has one.  For "audit verify".  A scan
-- of both tables; one row.
SELECT min(a.id) AS id FROM audit a
WHERE NOT EXISTS (SELECT FROM audit_seal s WHERE s.audit_id = a.id)
