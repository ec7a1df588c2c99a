// jobs.mjs KIND PORT: a shop's jobs in a real queue of that kind, and their worker. Adds
// COUNT jobs, of which every tenth fails and one is never marked done; finished ones are
// removed at once, but for BullMQ's and one type of Kue's. Writes what it did, as JSON,
// each time that changes.

process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED = 'true';
const COUNT = 200;
const [kind, port] = [process.argv[2], Number(process.argv[3])];
const password = process.env.REDIS_PASSWORD;
const redis = { host: '127.0.0.1', port, password, maxRetriesPerRequest: null };
const did = { added: 0, done: 0, failed: 0, stuck: 0 };
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function work({ i }) {
	await pause(5);
	if (i === 100) {
		did.stuck++;
		await new Promise(() => {});
	}
	if (i % 10 === 0)
		throw new Error('a tenth of them fails');
}

const tell = () => console.log(JSON.stringify(did));

const kinds = {
	async bullmq() {
		const { Queue, Worker } = await import('bullmq');
		const queue = new Queue('mail', { connection: redis });
		const worker = new Worker('mail', (job) => work(job.data), { connection: redis, concurrency: 4 });
		worker.on('completed', () => { did.done++; tell(); });
		worker.on('failed', () => { did.failed++; tell(); });
		return (i) => queue.add('send', { i });
	},
	async bull() {
		const { default: Bull } = await import('bull');
		const queue = new Bull('invoice', { redis, prefix: 'shop' });
		queue.process(4, (job) => work(job.data));
		queue.on('completed', () => { did.done++; tell(); });
		queue.on('failed', () => { did.failed++; tell(); });
		return (i) => queue.add({ i }, { removeOnComplete: true });
	},
	async kue() {
		const { default: kue } = await import('kue');
		const queue = kue.createQueue({ redis: { ...redis, auth: password }, disableSearch: true });
		for (const type of ['thumb', 'gif']) {
			queue.process(type, 4, (job, done) => {
				work(job.data).then(() => { did.done++; done(); }, (error) => { did.failed++; done(error); })
					.then(tell);
			});
		}
		return (i) => new Promise((resolve, reject) => {
			queue.create(i % 4 ? 'gif' : 'thumb', { i }).removeOnComplete(i % 4 === 0)
				.save((error) => (error ? reject(error) : resolve()));
		});
	},
};

const add = await kinds[kind]();
for (let i = 1; i <= COUNT; i++) {
	await add(i);
	did.added++;
	tell();
	await pause(10);
}
