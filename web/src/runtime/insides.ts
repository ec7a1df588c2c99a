// The newest insides of several instances as one resource.
import { useMemo } from 'preact/hooks';
import { ApiError, get } from '../api/client';
import { Resource, useRefreshed } from '../api/resource';
import type { Insides } from '../api/types';

export type InsidesOf = ReadonlyMap<number, Insides>;

/** An instance that the server knows nothing of is left out. */
async function read(id: number): Promise<[number, Insides][]> {
	try {
		return [[id, await get<Insides>(`/instances/${id}/insides`)]];
	} catch (e) {
		if (e instanceof ApiError && e.status === 404) return [];
		throw e;
	}
}

export function useInsides(ids: readonly number[]): Resource<InsidesOf> {
	const [resource, refresh] = useMemo(() => {
		const r = new Resource<InsidesOf>(async () => new Map((await Promise.all(ids.map(read))).flat()));
		return [r, () => void r.refresh()] as const;
	}, [ids.join()]);
	useRefreshed(refresh, ['samples']);
	return resource;
}
