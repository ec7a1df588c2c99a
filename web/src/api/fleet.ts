// The fleet as its page, its map and the palette ask for it.
import type { Agent, AlertState, Kind, Level, Rate, Verdict } from './types';

/** What a ServiceRow says of its growth beside the rate; null: nothing grows. */
export interface GrowthWords {
	/** The worst version, and the first of those that grow by the same cause. */
	version: { id: number; version: string };
	since: { id: number; version: string } | null;
	instances: number;
	instances_leaking: number;
	hosts: number;
	hosts_leaking: number;
	onset_at_ms: number | null;
	/** The first instance reaches its limit. */
	exhaust_at_ms: number | null;
}

/** The worst of the queues that a service fills or works on; `state` null: not known. */
export interface QueueState {
	queues: number;
	worst: { id: number; name: string };
	state: 'growing' | 'draining' | 'steady' | 'empty' | null;
	depth: number | null;
	net_per_min: number | null;
	/** Until it is empty at this rate. */
	drain_s: number | null;
}

/** GET /groups?by=host|version|label&label=KEY&q=&verdict=&limit=&after= → Page<GroupRow>,
 *  worst first. Figures are of what runs; the rate is the sum of what grows. */
export interface GroupRow {
	/** Of the host or the version; 0 of a label's value. */
	id: number;
	/** Host, version, or value of the label: '' without it. */
	name: string;
	/** Of a version. */
	service: { id: number; name: string } | null;
	verdict: Verdict;
	level: Level | null;
	kind: Kind | null;
	rate: Rate | null;
	memory_kb: number | null;
	instances: number;
	instances_leaking: number;
	services: number;
	services_leaking: number;
	hosts: number;
	hosts_leaking: number;
	open_alerts: number;
	onset_at_ms: number | null;
	exhaust_at_ms: number | null;
	/** What of a host, or of hosts with a label, is worst. */
	worst: { service: { id: number; name: string }; version: { id: number; version: string } } | null;
}

/** GET /hosts?service=ID: all hosts by name, in columns; at most 10,000. With a service: how
 *  that fares there (verdict, instances, alerts), and which version of it runs. */
export interface HostMap {
	at_ms: number;
	/** There are more than are told. */
	is_cut: boolean;
	verdicts: Verdict[];
	agents: HostAgent[];
	/** Agent versions; with a service, versions of it (with ids). */
	versions: { id: number; version: string }[];
	hosts: {
		id: number[];
		name: string[];
		/** Indices into the lists above; −1: nothing runs there, or none. */
		verdict: number[];
		agent: number[];
		version: number[];
		instances: number[];
		open_alerts: number[];
		/** Thousandths of the memory that are in use; null: not known. */
		memory_permille: (number | null)[];
	};
	/** For each key the values there are, and which of them each host has (−1: none). */
	labels: { key: string; values: string[]; of: number[] }[];
}

export type HostAgent = 'reporting' | 'silent' | 'never';

/** GET /hosts/{id}; PUT /hosts/{id}/labels {labels: {key: value}} with If-Match → HostPage
 *  (member; 412 when the labels have changed). GET /hosts/{id}/instances → Page<Instance>. */
export interface HostPage {
	id: number;
	name: string;
	kernel: string;
	cpus: number;
	interval_ms: number;
	first_seen_at_ms: number;
	/** null: none was ever enrolled. */
	agent: Agent | null;
	labels: Record<string, string>;
	/** For If-Match. */
	labels_revision: number;
	/** Open and acknowledged ones with an instance of this host inside; at most 50. */
	alerts: { id: number; state: AlertState; level: Level; kind: Kind; version: string;
		service: { id: number; name: string }; summary: string }[];
}

/** GET /search?q=: at most 8 of each; those that begin with it first. */
export interface SearchAnswer {
	hosts: { id: number; name: string }[];
	services: { id: number; name: string; verdict: Verdict }[];
	versions: { id: number; version: string; service: { id: number; name: string } }[];
	alerts: { id: number; state: AlertState; service: { id: number; name: string }; summary: string }[];
	packages: { name: string }[];
}
