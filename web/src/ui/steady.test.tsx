import { signal } from '@preact/signals';
import { expect, test } from 'vitest';
import { button, says, show, textOf } from '../testing/page';
import { useSteady, watchRows } from './steady';

watchRows();

const rows = signal([{ id: 1, name: 'a' }, { id: 2, name: 'b' }]);

function List() {
	const { shown, chip } = useSteady(rows.value);
	return <>{chip}<ul>{shown.map((r) => <li key={r.id} data-row><button type="button">{r.name}</button></li>)}</ul></>;
}

const listed = (root: Element) => [...root.querySelectorAll('li')].map((li) => textOf(li)).join(' ');

test('rows change places only when nobody is at one', async () => {
	const root = show(<List />);
	rows.value = [{ id: 2, name: 'b' }, { id: 1, name: 'a' }];
	await says(root, 'ba');
	button(root, 'a').focus();
	await new Promise((done) => setTimeout(done));
	rows.value = [{ id: 3, name: 'c' }, { id: 1, name: 'a, changed' }, { id: 2, name: 'b' }];
	await says(root, 'a, changed');
	expect(listed(root)).toBe('b a, changed');
	button(root, '1 change: show').click();
	await says(root, 'c');
	expect(listed(root)).toBe('c a, changed b');
});
