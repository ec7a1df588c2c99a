-- The lowest memory of each process in every ten minutes: what the detector remembers
-- of the time before the newest readings.  The watch fills it from `sample` and takes
-- away what is older than the detector looks back.
CREATE TABLE memory_floor (
	generation_id int4 NOT NULL,
	bin           int4 NOT NULL,    -- ten minutes each, counted from the epoch
	is_private    boolean NOT NULL, -- private memory; false: only resident was known
	low_kb        int8 NOT NULL,
	offset_ms     int4 NOT NULL,    -- when it was read, from the start of the bin
	PRIMARY KEY (generation_id, bin)
);
CREATE INDEX memory_floor_bin ON memory_floor USING brin (bin);
