// Sanitizers are clean: tests/run unit.

import { programs, told } from '../lib/cited.mjs';

export default {
	id: 'R15',
	title: 'sanitizers',
	asked: 'all unit tests clean with ASan, UBSan and (what has threads) TSan',

	async run() {
		const [asan, tsan] = [programs('asan', /unit\/|faults\//), programs('tsan', /unit\//)];
		if (!asan || !tsan)
			return { why: 'tests/run unit shows it; it has not run since the last commit' };
		return { met: asan.failed + tsan.failed === 0, seen: `ASan and UBSan: ${told(asan)} programs; TSan: ${told(tsan)}` };
	},
};
