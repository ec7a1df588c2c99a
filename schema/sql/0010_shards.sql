-- Readings of hosts may live in other databases than this one, which keeps all else.  Each
-- of those has the same schema; of it only the tables of readings are used, storage and
-- the ledger below.

CREATE TABLE shard (
	id   int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL UNIQUE,        -- for people
	uri  text NOT NULL UNIQUE         -- connection string
);

-- Where readings of a host are written: host_id % 256 is its slot; of the rows that have
-- it, the newest that begins at or before the reading's time.  None: here.
CREATE TABLE shard_place (
	id        int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	slot_from int4 NOT NULL CHECK (slot_from BETWEEN 0 AND 255),
	slot_to   int4 NOT NULL CHECK (slot_to BETWEEN slot_from AND 255),
	since     timestamptz,            -- NULL: of all times
	shard_id  int4 REFERENCES shard   -- NULL: here
);

-- On a shard: which batches of a stream have their readings here.  As stream says in the
-- main database, which is told later; the agent is no row here.
CREATE TABLE shard_ledger (
	agent_id int4 NOT NULL,
	epoch    int8 NOT NULL,
	stored   int8multirange NOT NULL DEFAULT '{}',
	PRIMARY KEY (agent_id, epoch)
) WITH (fillfactor = 70);
