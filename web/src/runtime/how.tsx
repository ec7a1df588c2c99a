// Nothing is read: the exact next step.
import type { ComponentChildren } from 'preact';
import type { Instance, Service } from '../api/types';
import { href } from '../app/address';
import { pattern } from '../snapshots/empty';
import { Command } from '../ui/command';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import type { InsidesOf } from './insides';
import type { runtimeKind } from './words';

const CODE = (x: ComponentChildren) => <code>{x}</code>;
const PRELOAD = '/usr/lib/tidemark/tidemark-preload.js';

export function HowTo({ service, runtime, rows, known, of }: {
	service: Service;
	runtime: ReturnType<typeof runtimeKind>;
	rows: readonly Instance[];
	known: InsidesOf;
	/** Only this one is not read. */
	of?: Instance;
}) {
	const title = of ? t('The insides of {host} #{seat} are not read', { host: of.host.name, seat: of.ordinal }) : t('The insides of its processes are not read yet');
	return (
		<section class="explain" aria-labelledby="how-title">
			<h2 id="how-title">{title}</h2>
			<Obstacles rows={of ? [of] : rows} known={known} />
			{runtime === 'node' && <Node service={service} />}
			{runtime === 'jvm' && <Java service={service} />}
			{runtime === 'other' && <Other service={service} />}
			<p class="quiet table-note">
				{rich('On the host, <code>tidemark-agent insides {name}</code> reads them once and says what stands in the way.', { code: CODE, name: service.name })}
			</p>
		</section>
	);
}

/** What the agents say stands in the way: each thing once. */
function Obstacles({ rows, known }: { rows: readonly Instance[]; known: InsidesOf }) {
	const found = new Map<string, string>();
	for (const r of rows) {
		const problem = known.get(r.id)?.problem;
		if (problem) found.set(`${r.host.name}|${problem}`, r.host.name);
	}
	if (found.size === 0) return null;
	return (
		<ul class="obstacles">
			{[...found].map(([key, host]) => <li key={key}><strong>{host}</strong>: {said(key.slice(host.length + 1))}</li>)}
		</ul>
	);
}

function Node({ service }: { service: Service }) {
	return (
		<dl>
			<div>
				<dt>{t('Best: the preload')}</dt>
				<dd>
					{t('A script without dependencies that Node.js loads before the program. It opens no port, changes nothing in the program, and says most: heap, event loop, requests, warnings, the census. The agent finds it by itself. Start the service with:')}
					<Command text={`NODE_OPTIONS="--require ${PRELOAD}"`} label={t('Environment of the service')} />
				</dd>
			</div>
			<div>
				<dt>{t('Without a restart')}</dt>
				<dd>
					{t('The agent opens the inspector of the running process for a moment, on loopback only, reads, and closes it. While it is open any local user could run code in the process. In the agent’s configuration, then restart the agent:')}
					<Command text={`inspect = ${pattern(service.name)}`} label={t('Line for the agent’s configuration')} />
				</dd>
			</div>
		</dl>
	);
}

function Java({ service }: { service: Service }) {
	return (
		<dl>
			<div>
				<dt>{t('What is needed')}</dt>
				<dd>
					{rich('The agent reads the performance file of the JVM by itself, when it may: it must run as root or as the JVM’s own user. Nothing changes in the process. In the agent’s configuration <code>insides</code> must name the service, as it does when it is not set:', { code: CODE })}
					<Command text={`insides = ${pattern(service.name)}`} label={t('Line for the agent’s configuration')} />
				</dd>
			</div>
			<div>
				<dt>{t('It stays empty?')}</dt>
				<dd>{rich('The JVM may run with <code>-XX:-UsePerfData</code>: then there is no such file.', { code: CODE })}</dd>
			</div>
		</dl>
	);
}

function Other({ service }: { service: Service }) {
	return (
		<dl>
			<div>
				<dt>{t('What can be read')}</dt>
				<dd>
					{rich('The insides of Node.js and of the JVM. Of other programs the kernel tells how their memory is split; it is on the charts of the <a>overview</a>.',
						{ a: (x) => <a href={href.service(service.id)}>{x}</a> })}
				</dd>
			</div>
		</dl>
	);
}
