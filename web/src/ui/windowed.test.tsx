import { render } from 'preact';
import { act } from 'preact/test-utils';
import { expect, test, vi } from 'vitest';
import { PLAIN, Windowed, rowsWithin } from './windowed';

const ROW = 40;

function table(count: number, end?: () => void): HTMLElement {
	const root = document.createElement('div');
	document.body.replaceChildren(root);
	const rows = Array.from({ length: count }, (_, i) => i);
	void act(() => render(
		<table><Windowed rows={rows} columns={1} {...(end ? { end } : {})}
			draw={(row) => <tr key={row} data-row><td><a class="row-link" href={`/${row}`}>{row}</a></td></tr>} /></table>, root));
	return root;
}

const names = (root: HTMLElement) => [...root.querySelectorAll('a')].map((a) => Number(a.textContent));

/** jsdom lays nothing out: every row is ROW high, and the page is scrolled by so much. */
function layOut(scrolled: number): void {
	vi.spyOn(Element.prototype, 'getBoundingClientRect').mockImplementation(function (this: Element) {
		return { top: this.tagName === 'TBODY' ? -scrolled : 0, height: this.tagName === 'TR' ? ROW : 0 } as DOMRect;
	});
}

async function scroll(to: number): Promise<void> {
	layOut(to);
	await act(async () => {
		dispatchEvent(new Event('scroll'));
		await new Promise(requestAnimationFrame);
	});
}

test('a short table is drawn whole', () => {
	expect(names(table(PLAIN))).toHaveLength(PLAIN);
});

test('of twenty thousand rows a few are drawn, and those that are scrolled to', async () => {
	layOut(0);
	const root = table(20_000);
	expect(names(root)[0]).toBe(0);
	expect(names(root).length).toBeLessThan(100);
	await scroll(400_000);
	expect(names(root)).toContain(10_000);
	expect(names(root).length).toBeLessThan(100);
});

test('the room of what is not drawn is kept', async () => {
	layOut(0);
	const root = table(1000);
	await scroll(20_000);
	const gaps = [...root.querySelectorAll<HTMLElement>('.undrawn td')].map((td) => Number.parseFloat(td.style.height));
	expect(gaps).toHaveLength(2);
	const height = (gaps[0] ?? 0) + (gaps[1] ?? 0) + names(root).length * ROW;
	expect(height).toBeGreaterThan(1000 * ROW * 0.99);
	expect(height).toBeLessThan(1000 * ROW * 1.01);
	expect(root.querySelector('.undrawn')?.getAttribute('aria-hidden')).toBe('true');
});

test('the row with the focus stays, the very same element', async () => {
	layOut(0);
	const root = table(5000);
	const link = root.querySelectorAll('a')[3] as HTMLElement;
	link.focus();
	await scroll(100_000);
	expect(document.activeElement).toBe(link);
	expect(names(root)[0]).toBe(3);
});

test('the end is told when it comes near', async () => {
	layOut(0);
	const end = vi.fn();
	table(1000, end);
	expect(end).not.toHaveBeenCalled();
	await scroll(1000 * ROW - 500);
	expect(end).toHaveBeenCalledTimes(1);
});

test.each([
	[0, 100, { from: 0, to: 10 }],
	[95, 105, { from: 9, to: 11 }],
	[-50, 1, { from: 0, to: 1 }],
	[5000, 6000, { from: 99, to: 100 }],
])('from %i to %i', (top, bottom, expected) => {
	expect(rowsWithin([], 100, 10, top, bottom)).toEqual(expected);
});
