import { options } from 'preact';
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

// There is no canvas here, and what draws comes as late as the machine likes: pages are tested
// with a painter that does nothing.
vi.mock('../chart/plot', () => ({
	Plot: class {
		show() {}
		repaint() {}
		follow() {}
		destroy() {}
	},
}));

// Preact waits for the next frame before it runs effects. A frame that outlives its file finds
// no window any more: a plain turn of the event loop needs none.
options.requestAnimationFrame = (flush) => void setTimeout(flush);
