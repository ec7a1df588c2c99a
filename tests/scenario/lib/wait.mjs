// Waiting for things to become true.

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Calls `condition` until it returns something truthy, and returns that. Exceptions count
 * as "not yet". When the time is over: throws what it waited for and the last exception,
 * or with `quiet` returns undefined.
 */
export async function eventually(condition, { within = 30_000, every = 100, what = '', quiet = false } = {}) {
	const until = Date.now() + within;
	let last;
	for (;;) {
		try {
			const result = await condition();
			if (result)
				return result;
			last = undefined;
		} catch (error) {
			last = error;
		}
		if (Date.now() >= until)
			break;
		await sleep(every);
	}
	if (quiet)
		return undefined;
	throw new Error(`waited ${within} ms in vain${what && ` for ${what}`}` + (last ? `: ${last.message}` : ''));
}

/** Whole numbers in [low, high], for waiting at random moments. */
export const randomBetween = (low, high) => low + Math.floor(Math.random() * (high - low + 1));
