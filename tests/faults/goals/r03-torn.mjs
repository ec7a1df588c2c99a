// A segment of the spool is cut at every byte, and each of its bits is flipped: torn.c.

import { figures } from '../lib/program.mjs';

export default {
	id: 'R3',
	title: 'torn writes, flipped bits',
	asked: 'cut at every byte of 64 KiB (CI: 16), every single bit of a segment: all found, what is before recovered, no crash',

	async run({ long }) {
		const f = await figures('faults_torn', long ? ['65536', '37'] : ['16384', '1009'], long ? 3600 : 240);
		if (f.lost || f.wrong)
			throw new Error(JSON.stringify(f));
		return {
			met: f.undetected === 0,
			seen: `${f.records} records of ${f.bytes} bytes: ${f.cuts} cuts opened, ${f.flips} flips read, ${f.opened} of them ` +
				`opened; ${f.undetected} not found, ${f.lost} others lost`,
		};
	},
};
