// table.mjs DECODERS FOLDER: the tables of tests/coverage/run, from gcovr's summaries.
import fs from 'node:fs';
import path from 'node:path';

const [, , decoders, folder] = process.argv;
let met = 0;
let missed = 0;

function summary(name) {
	const file = path.join(folder, `${name}.json`);
	return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : null;
}

const sum = (files, key) => files.reduce((n, f) => n + f[key], 0);
const percent = (part, whole) => (whole ? 100 * part / whole : 0);

function say(name, what, seen, asked) {
	const ok = seen >= asked;
	ok ? met++ : missed++;
	console.log(`${name.padEnd(18)}${what.padEnd(24)}${seen.toFixed(1).padStart(6)} %  asked ${asked} %  ${ok ? 'met' : 'NOT met'}`);
}

function worst(files, count) {
	const missing = (f) => f.line_total - f.line_covered;
	for (const f of files.filter(missing).sort((a, b) => missing(b) - missing(a)).slice(0, count))
		console.log(`    ${f.filename}: ${missing(f)} of ${f.line_total} lines`);
}

console.log('decoders, reached by the corpora alone:');
const corpora = summary('corpora').files;
for (const line of fs.readFileSync(decoders, 'utf8').split('\n').filter((l) => l && !l.startsWith('#'))) {
	const at = line.indexOf(': ');
	const files = corpora.filter((f) => new RegExp(`^${line.slice(at + 2)}$`).test(f.filename));
	const lines = sum(files, 'line_total');
	say(line.slice(0, at), `${files.length} files, ${lines} lines`, percent(sum(files, 'line_covered'), lines), 95);
	worst(files, 2);
}

const all = summary('all');
if (all) {
	console.log('\neverything, reached by corpora and unit tests:');
	say('lines', `${all.line_total}`, percent(all.line_covered, all.line_total), 90);
	say('branches', `${all.branch_total}`, percent(all.branch_covered, all.branch_total), 80);
	worst(all.files, 12);
}
console.log(`\n${met} met, ${missed} not met`);
