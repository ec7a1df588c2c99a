// How the charts show the instances: which way, from when, and of whom.
import type { Instance, Service } from '../api/types';
import { CHART_MODES, type ChartMode, type ServiceView } from '../app/address';
import { t } from '../words/words';
import { asBands } from './data';

type Show = (changed: Partial<ServiceView>, replace?: boolean) => void;

const WORDS: Record<Exclude<ChartMode, ''>, readonly [string, string]> = {
	lines: [t('Lines'), t('A line for each instance')],
	bands: [t('Bands'), t('For each version the median and where 80 % of its instances are; outliers as lines')],
	kinds: [t('Kinds'), t('Memory kind by kind: heap, external, native, files, shared')],
	hosts: [t('Hosts'), t('Each instance by itself on the same scale, the worst first')],
};

export function Modes({ service, view, show }: { service: Service; view: ServiceView; show: Show }) {
	const mode = view.as || (asBands(service, view) ? 'bands' : 'lines');
	const over = mode === 'lines' || mode === 'bands';
	return (
		<div class="chart-tools">
			<div class="segments" role="group" aria-label={t('How the charts show them')}>
				{CHART_MODES.filter((m) => m !== '').map((m) => (
					<button type="button" key={m} title={WORDS[m][1]} aria-pressed={mode === m}
						onClick={() => show({ as: m, of: null, ...(m === 'bands' && { align: false, growth: false }), ...(m !== 'lines' && m !== 'bands' && { align: false }) })}>
						{WORDS[m][0]}
					</button>
				))}
			</div>
			{over && (
				<Toggle on={view.align} set={(align) => show({ align, ages: null, ...(align && { as: '' }) })}
					help={t('Time is the age of each process: those of different age compare')}>{t('Since process start')}</Toggle>
			)}
			{mode !== 'kinds' && (
				<Toggle on={view.growth} set={(growth) => show({ growth, ...(growth && mode === 'bands' && { as: '' }) })}
					help={t('Lines begin at zero and show what was added since')}>{t('Growth')}</Toggle>
			)}
		</div>
	);
}

function Toggle({ on, set, help, children }: { on: boolean; set: (on: boolean) => void; help: string; children: string }) {
	return <button type="button" class="chip" aria-pressed={on} title={help} onClick={() => set(!on)}>{children}</button>;
}

/** Whose memory it is. */
export function KindsOf({ instances, view, show }: { instances: readonly Instance[]; view: ServiceView; show: Show }) {
	return (
		<label class="metric-select">
			<span class="sr-only">{t('Memory by kind of')}</span>
			<select value={view.of ?? ''} onChange={(e) => show({ of: Number(e.currentTarget.value) || null })}>
				<option value="">{t('Memory by kind')}</option>
				{view.of !== null && !instances.some((i) => i.id === view.of) && <option value={view.of}>{t('Instance {id}', { id: view.of })}</option>}
				{instances.map((i) => <option key={i.id} value={i.id}>{i.host.name.slice(0, 60)} #{i.ordinal}</option>)}
			</select>
		</label>
	);
}
