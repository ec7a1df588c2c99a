import { expect, test } from 'vitest';
import { apiCall, csvOf } from './export';

test('rows become lines, what is nested columns of its own', () => {
	expect(csvOf([{ id: 1, host: { name: 'web-1' }, pids: [3, 4] }, { id: 2, note: 'a "b", c' }]))
		.toBe('id,host.name,pids,note\r\n1,web-1,3; 4,\r\n2,,,"a ""b"", c"');
});

test('nothing becomes a formula', () => {
	expect(csvOf([{ name: '=HYPERLINK("x")' }, { name: -3 }])).toBe('name\r\n"\'=HYPERLINK(""x"")"\r\n-3');
});

test('the API call can be pasted', () => {
	expect(apiCall("/queues?q=it's")).toMatch(/^curl -H "Authorization: Bearer \$TOKEN" 'http.*\/api\/v1\/queues\?q=it%27s'$/);
});
