import { type FleetView, href } from '../app/address';
import { Empty } from '../ui/states';
import { VERDICT_WORDS } from '../ui/verdict';

export function NoServices({ hosts }: { hosts: number }) {
	if (hosts > 0)
		return (
			<Empty title="The first readings are on their way">
				<p>An agent has joined; services appear with its first batches, within half a minute.</p>
				<p>
					On the host, <code>tidemark-agent status</code> shows what it sends,{' '}
					<code>tidemark-agent services</code> how it groups processes.
				</p>
			</Empty>
		);
	return (
		<Empty title="Put an agent on the first host">
			<p>Services appear here by themselves once an agent reports: every process is grouped without configuration.</p>
			<p><a class="button primary" href={href.agents()}>Get the command for a new host</a></p>
		</Empty>
	);
}

export function NothingFound({ view }: { view: FleetView }) {
	const verdict = view.verdict ? ` whose verdict is “${VERDICT_WORDS[view.verdict]}”` : '';
	return (
		<Empty title="No service matches">
			<p>No service{view.q && <> with “{view.q}” in its name</>}{verdict}.</p>
			<p><a class="button" href={href.fleet()}>Show all services</a></p>
		</Empty>
	);
}
