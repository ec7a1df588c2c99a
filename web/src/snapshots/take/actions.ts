// The steps of taking a snapshot.
import { post } from '../../api/client';
import { touch } from '../../api/resource';
import type { Capture } from '../../api/types';
import { toast } from '../../ui/toast';

async function step(path: string, body: object = {}): Promise<Capture | null> {
	try {
		const after = await post<Capture>(path, { body });
		touch(['snapshots']);
		return after;
	} catch (e) {
		toast((e as Error).message, { kind: 'failed' });
		return null;
	}
}

/** Asks for the cost card; null: it was refused, and that is told. */
export function ask(instance: number): Promise<Capture | null> {
	return step(`/instances/${instance}/captures`);
}

export function confirm(capture: number, options: { overrule?: boolean; keep_raw?: boolean }): Promise<Capture | null> {
	return step(`/captures/${capture}/confirm`, options);
}

export function cancel(capture: number): Promise<Capture | null> {
	return step(`/captures/${capture}/cancel`);
}
