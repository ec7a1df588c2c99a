-- Adds what a round of batches says of its agents.  Arrays of equal length, NULL where
-- nothing changes ($12 -1: a version that says nothing of settings); a row per agent, by
-- primary key.
UPDATE agent a
SET last_seen_at     = now(),
    version          = coalesce(t.version, a.version),
    last_sample_at   = greatest(a.last_sample_at,
                                timestamptz 'epoch' + t.last_sample_ms * interval '1 ms'),
    clock_skew_ms    = coalesce(t.skew_ms, a.clock_skew_ms),
    spool_bytes      = coalesce(t.spool_bytes, a.spool_bytes),
    spool_batches    = coalesce(t.spool_batches, a.spool_batches),
    stored_batches   = a.stored_batches + t.stored,
    repeated_batches = a.repeated_batches + t.repeated,
    refused_batches  = a.refused_batches + t.refused,
    refused_values   = a.refused_values + t.refused_values,
    last_refusal     = coalesce(t.refusal, a.last_refusal),
    config_at        = CASE WHEN t.config_id < 0 THEN NULL
                            WHEN (t.config_id, t.config_hash)
                                 IS DISTINCT FROM (a.config_id, a.config_hash)
                                 AND t.config_id IS NOT NULL THEN now()
                            ELSE a.config_at END,
    config_id        = CASE WHEN t.config_id IS NULL THEN a.config_id
                            WHEN t.config_id >= 0 THEN t.config_id END,
    config_hash      = coalesce(t.config_hash, a.config_hash),
    config_exceptions = CASE WHEN t.config_id IS NULL THEN a.config_exceptions
                            ELSE coalesce(t.config_exceptions, '') END,
    cpu_ppm          = CASE WHEN t.config_id IS NULL THEN a.cpu_ppm ELSE t.cpu_ppm END,
    rss_bytes        = CASE WHEN t.config_id IS NULL THEN a.rss_bytes ELSE t.rss_bytes END
FROM unnest($1::int4[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[],
            $7::int8[], $8::int8[], $9::int8[], $10::int8[], $11::text[], $12::int8[], $13::int8[],
            $14::int8[], $15::int8[], $16::text[])
     AS t (agent_id, version, last_sample_ms, skew_ms, spool_bytes, spool_batches,
           stored, repeated, refused, refused_values, refusal, config_id, config_hash,
           cpu_ppm, rss_bytes, config_exceptions)
WHERE a.id = t.agent_id
