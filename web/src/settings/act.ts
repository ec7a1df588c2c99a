import { toast } from '../ui/toast';

/** Does something, says that it is done or why not, and looks again. */
export async function act<T>(work: Promise<T>, done: string, look: () => unknown, undo?: () => void): Promise<T | undefined> {
	let answer: T | undefined;
	try {
		answer = await work;
		if (done) toast(done, undo ? { undo } : {});
	} catch (e) {
		toast((e as Error).message, { kind: 'failed' });
	}
	look();
	return answer;
}

/** All words of what is looked for are in it. Pure. */
export function has(q: string, ...parts: (string | null)[]): boolean {
	const text = parts.join(' ').toLowerCase();
	return q.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}
