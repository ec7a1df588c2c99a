import { vi } from 'vitest';

// happy-dom hands out forms as proxies, and does not know them again when they are to be
// removed: find the proxy among the children by a mark that both show.
type Marked = Element & { mark?: object };

HTMLFormElement.prototype.remove = function remove(this: Marked) {
	this.mark = {};
	const proxy = [...(this.parentNode?.children ?? [])].find((c: Marked) => c.mark === this.mark);
	if (proxy) this.parentNode?.removeChild(proxy);
};

// A busy machine takes its time: what is waited for may take longer than the usual second.
const waitFor = vi.waitFor.bind(vi);
vi.waitFor = (check, options) => waitFor(check, { timeout: 20_000, ...(typeof options === 'number' ? { timeout: options } : options) });

export {};
