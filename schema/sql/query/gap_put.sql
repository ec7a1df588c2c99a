-- Adds what agents had to drop.  $1 hosts, $2 from and $3 to in Unix ms, $4 batches,
-- $5 reasons.  For ingest; no rows.
INSERT INTO gap (host_id, from_at, to_at, batches, reason)
SELECT host_id, timestamptz 'epoch' + from_ms * interval '1 ms',
       timestamptz 'epoch' + to_ms * interval '1 ms', batches, reason
FROM unnest($1::int4[], $2::int8[], $3::int8[], $4::int8[], $5::text[])
     AS t (host_id, from_ms, to_ms, batches, reason)
