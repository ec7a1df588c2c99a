// Before the first snapshot: what one is, what it costs, how a service is opted in.
import type { Service } from '../api/types';
import { Command } from '../ui/command';
import { t } from '../words/words';

export function NoSnapshots({ service }: { service: Service }) {
	return (
		<section class="explain">
			<h2>{t('No snapshot has been taken yet')}</h2>
			<dl>
				<div>
					<dt>{t('What it is')}</dt>
					<dd>
						{t('A snapshot is a picture of all objects in the memory of one process. The agent reads it on the host and sends only a summary: which classes there are, how much each holds, and through which references. Two of one process show what grows and what keeps it alive. No text from the memory leaves the host.')}
					</dd>
				</div>
				<div>
					<dt>{t('What it costs')}</dt>
					<dd>
						{t('While it is taken the process answers nothing, about 0.1 s per MiB of heap, and needs up to twelve times its heap in memory. You see the figures before anything happens, and the agent refuses when memory is short, the pause too long, or the process the last healthy one.')}
					</dd>
				</div>
				<div>
					<dt>{t('How to allow it')}</dt>
					<dd>
						{t('Each host decides for itself. In the agent\'s configuration, then restart the agent:')}
						<Command text={`snapshots = ${pattern(service.name)}`} label={t('Line for the agent\'s configuration')} />
					</dd>
				</div>
			</dl>
		</section>
	);
}

/** The name as the agent's setting takes it: a list of globs, separated by commas. Pure. */
export function pattern(name: string): string {
	return name.replaceAll(/[,;#*?[\]\\]/g, '?');
}
