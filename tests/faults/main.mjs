// Runs goals and prints their table: see tests/faults/run.
//
// A goal is one file of goals/, in the order of its number:
//
//     export default { id: 'R1', title, asked, chain, longOnly, run(context) }
//
// run returns { seen, met } (or { why } when it cannot be run here) and throws when something
// was lost, stored twice, crashed or hung. Goals of one chain share a world (lib/world.mjs) and
// run one after the other; chains run beside each other, in the long form one after the other.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { World } from './lib/world.mjs';
import { lines } from './lib/table.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));

async function goalsOf(names) {
	const files = fs.readdirSync(path.join(HERE, 'goals')).filter((name) => name.endsWith('.mjs')).sort();
	const all = await Promise.all(files.map(async (name) => (await import(`./goals/${name}`)).default));
	const unknown = names.filter((name) => !all.some(({ id }) => id === name));
	if (unknown.length) {
		console.error(`faults: there is no goal ${unknown.join(', ')}; there are: ${all.map(({ id }) => id).join(' ')}`);
		process.exit(2);
	}
	return names.length ? all.filter(({ id }) => names.includes(id)) : all;
}

async function runOne(goal, context) {
	const began = Date.now();
	const took = () => Math.round((Date.now() - began) / 1000);
	if (goal.longOnly && !context.long)
		return { goal, why: `the long form only: ${goal.longOnly}`, took: 0 };
	try {
		return { goal, ...await goal.run(context), took: took() };
	} catch (error) {
		return { goal, failed: error.message, stack: error.stack, took: took() };
	}
}

/** Goals of one chain, in order; goals of one `beside` at the same time. */
async function runChain(goals, long, tell) {
	let world;
	const context = {
		long,
		world: () => (world ??= new World(goals[0].chain).start()),
	};
	const results = [];
	try {
		for (let i = 0; i < goals.length;) {
			const group = goals.slice(i, 1 + goals.findLastIndex((goal, at) =>
				at === i || (at > i && goal.beside && goal.beside === goals[i].beside)));
			results.push(...await Promise.all(group.map(async (goal) => {
				const result = await runOne(goal, context);
				tell(result);
				return result;
			})));
			i += group.length;
		}
	} finally {
		await (await world?.catch(() => undefined))?.close().catch((error) => {
			results.push({ goal: { id: goals[0].id, title: 'the end of its world' }, failed: error.message, took: 0 });
		});
	}
	return results;
}

const names = process.argv.slice(2).filter((name) => name !== '--long').map((name) => name.toUpperCase());
const long = process.argv.includes('--long');
const goals = await goalsOf(names);
const chains = new Map();
for (const goal of goals) {
	const name = goal.chain ?? goal.id;
	chains.set(name, [...(chains.get(name) ?? []), goal]);
}
for (const chain of chains.values())
	chain.sort((a, b) => (a.turn ?? 0) - (b.turn ?? 0));
const tell = ({ goal, seen, why, failed, took }) =>
	console.error(`${goal.id} ${took} s: ${failed ? `FAILED ${failed}` : seen ?? why}`);
let results = [];
if (long) {
	for (const chain of chains.values())
		results.push(...await runChain(chain, long, tell));
} else {
	results = (await Promise.all([...chains.values()].map((chain) => runChain(chain, long, tell)))).flat();
}

const order = ({ goal }) => Number(goal.id.slice(1));
results.sort((a, b) => order(a) - order(b));
const failed = results.filter((result) => result.failed);
console.log(lines(results).join('\n'));
for (const { goal, failed: text, stack } of failed)
	console.log(`\n${goal.id} failed: ${text}\n${process.env.TIDEMARK_STACK ? stack : ''}`);
const count = (which) => results.filter(which).length;
console.log(`${count(({ met }) => met)} met, ${count((r) => r.met === false || r.failed)} not met, ` +
	`${count(({ why }) => why)} not run`);
process.exit(failed.length ? 1 : 0);
