// Messages of alerts survive an outage of who is told: the story of messages.

import { runStory, story, told } from '../lib/cited.mjs';

export default {
	id: 'R19',
	title: 'delivery of alerts',
	asked: 'at least once through an outage of the receiver, repeats recognizable, never more than a set rate',

	async run({ long }) {
		const shown = story('27-messages') ?? (long ? runStory('27-messages') : undefined);
		if (!shown)
			return { why: 'tests/scenario/27-messages shows it; it has not run since the last commit' };
		return { met: shown.failed === 0 && shown.passed > 0, seen: `tests/scenario/27-messages: ${told(shown)} steps` };
	},
};
