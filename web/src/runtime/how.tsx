// Nothing is read: the exact next step.
import { useResource } from '../api/resource';
import type { Instance, Page, Service, Source } from '../api/types';
import { href } from '../app/address';
import { pattern } from '../snapshots/empty';
import { Command } from '../ui/command';
import { Ago } from '../ui/time';
import type { runtimeKind } from './words';

const PRELOAD = '/usr/lib/tidemark/tidemark-preload.js';

export function HowTo({ service, runtime, of }: { service: Service; runtime: ReturnType<typeof runtimeKind>; of?: Instance }) {
	const title = of ? `The insides of ${of.host.name} #${of.ordinal} are not read` : 'The insides of its processes are not read yet';
	return (
		<section class="explain" aria-labelledby="how-title">
			<h2 id="how-title">{title}</h2>
			<Obstacles service={service} />
			{runtime === 'node' && <Node service={service} />}
			{runtime === 'jvm' && <Java service={service} />}
			{runtime === 'other' && <Other service={service} />}
			<p class="quiet table-note">
				On the host, <code>tidemark-agent insides {service.name}</code> reads them once and says what stands in the way.
			</p>
		</section>
	);
}

/** What the agents say stands in the way. */
function Obstacles({ service }: { service: Service }) {
	const sources = useResource<Page<Source>>('/sources', ['queues', 'samples']).data.value?.items ?? [];
	const failing = sources.filter((s) => s.name === `insides ${service.name}` && !s.works);
	if (failing.length === 0) return null;
	return (
		<ul class="obstacles">
			{failing.map((s) => <li key={s.id}><strong>{s.host.name}</strong>: {s.text} <span class="quiet"><Ago ms={s.at_ms} /></span></li>)}
		</ul>
	);
}

function Node({ service }: { service: Service }) {
	return (
		<dl>
			<div>
				<dt>Best: the preload</dt>
				<dd>
					A script without dependencies that Node.js loads before the program. It opens no port, changes nothing in the
					program, and says most: heap, event loop, requests, warnings, the census. The agent finds it by itself. Start the
					service with:
					<Command text={`NODE_OPTIONS="--require ${PRELOAD}"`} label="Environment of the service" />
				</dd>
			</div>
			<div>
				<dt>Without a restart</dt>
				<dd>
					The agent opens the inspector of the running process for a moment, on loopback only, reads, and closes it.
					While it is open any local user could run code in the process. In the agent's configuration, then restart the agent:
					<Command text={`inspect = ${pattern(service.name)}`} label="Line for the agent's configuration" />
				</dd>
			</div>
		</dl>
	);
}

function Java({ service }: { service: Service }) {
	return (
		<dl>
			<div>
				<dt>What is needed</dt>
				<dd>
					The agent reads the performance file of the JVM by itself, when it may: it must run as root or as the JVM's own
					user. Nothing changes in the process. In the agent's configuration <code>insides</code> must name the service, as it
					does when it is not set:
					<Command text={`insides = ${pattern(service.name)}`} label="Line for the agent's configuration" />
				</dd>
			</div>
			<div>
				<dt>It stays empty?</dt>
				<dd>The JVM may run with <code>-XX:-UsePerfData</code>: then there is no such file.</dd>
			</div>
		</dl>
	);
}

function Other({ service }: { service: Service }) {
	return (
		<dl>
			<div>
				<dt>What can be read</dt>
				<dd>
					The insides of Node.js and of the JVM. Of other programs the kernel tells how their memory is split;
					it is on the charts of the <a href={href.service(service.id)}>overview</a>.
				</dd>
			</div>
		</dl>
	);
}
