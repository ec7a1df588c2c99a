// The answer of GET /storage[?hours=1..168]: how storing goes, and how much room it takes.

export interface Storage {
	/** Why nothing can be stored just now. */
	trouble: string | null;
	/** Of the last whole minute, of all servers together. */
	ingest: {
		readings_per_s: number;
		commits_per_s: number;
		commit_mean_ms: number;
		commit_longest_ms: number;
		commit_last_ms: number;
		collectors: { name: string; readings_per_s: number }[];
	};
	agents: {
		total: number;
		reporting: number;
		/** Report what is more than a minute old. */
		behind: number;
		backlog_bytes: number;
		backlog_batches: number;
		/** Of those that report. */
		slowest: { host: { id: number; name: string }; lag_ms: number } | null;
	};
	/** How far readings have moved on. */
	stream: {
		newest_ms: number | null;
		closed_ms: number | null;
		compacted_ms: number | null;
		sealed_ms: number | null;
		/** How much later than usual. */
		compaction_lag_ms: number;
		raw_retention_ms: number;
	};
	measured_ms: number;
	/** Of all that answer. */
	database_bytes: number;
	/** The main one first; others have readings of some hosts. */
	databases: { name: string; up: boolean; bytes: number }[];
	/** Rows are an estimate. */
	stages: { name: 'hot' | 'late' | 'segments' | 'chunks' | 'rollups' | 'other'; bytes: number; rows: number | null }[];
	chunks: { days: number; bytes_per_value: number | null };
	/** null: the database is not the server's own. */
	disk: { free_bytes: number; total_bytes: number; state: 'ok' | 'low' | 'full' } | null;
	/** 60 steps; null: nothing was stored in it. */
	history: {
		from_ms: number;
		step_ms: number;
		readings_per_s: (number | null)[];
		commit_mean_ms: (number | null)[];
		commit_longest_ms: (number | null)[];
		backlog_bytes: (number | null)[];
		lag_ms: (number | null)[];
	};
}
