// GET /compare?a=SEL&b=SEL[&c=SEL&d=SEL]&metric=NAME&from=&to=&points=&align=time|start → CompareAnswer
// A selection is written as app/address.ts does: "service:7,version:12,offset:86400000".

/** Units of the metric by the hour, with its 95 % interval. */
export interface CompareRate {
	value: number;
	low: number;
	high: number;
}

export interface CompareSelection {
	name: 'a' | 'b' | 'c' | 'd';
	selection: string;
	label: string;
	service: { id: number; name: string };
	version: { id: number; version: string } | null;
	host: { id: number; name: string } | null;
	instance: { id: number; host: string; ordinal: number } | null;
	offset_ms: number;
	from_ms: number;
	to_ms: number;
	/** That ran; of these so many were read, evenly over hosts. */
	instances: number;
	instances_read: number;
	hosts: number;
	lives: number;
	instance_hours: number;
	span_hours: number;
	age_hours: number | null;
	growth: CompareRate | null;
	growth_instances: number;
	growth_hosts: number;
	hosts_rising: number;
	/** Requests per second of an instance. */
	load_per_s: number | null;
	load_used: boolean;
	/** Units of the metric. */
	growth_per_1000_requests: CompareRate | null;
	/** An item a step, of the clock or of age. */
	n: number[];
	median: (number | null)[];
	p10: (number | null)[];
	p90: (number | null)[];
}

export type CompareRemark = 'few_hosts' | 'one_instance' | 'load_differs' | 'load_unknown' | 'age_differs';

/** Of a selection against the first. */
export interface CompareDifference {
	name: 'b' | 'c' | 'd';
	verdict: 'unknown' | 'alike' | 'faster' | 'slower';
	growth: CompareRate | null;
	p: number | null;
	/** A true difference of less would mostly not be found. */
	detectable: number | null;
	growth_per_1000_requests: CompareRate | null;
	remarks: CompareRemark[];
	text: string;
}

export interface CompareAnswer {
	metric: string;
	unit: string;
	align: 'time' | 'start';
	from_ms: number;
	to_ms: number;
	step_ms: number;
	method: string;
	partial?: boolean;
	missing_shards?: string[];
	selections: CompareSelection[];
	differences: CompareDifference[];
}
