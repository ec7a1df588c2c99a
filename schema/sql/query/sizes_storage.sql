-- How far readings have moved on.  For GET /storage and /metrics; one row.
SELECT closed_to, compacted_to, sealed_to FROM storage
