// The cost card: what the process will bear, whether it may be done, and the yes.
import { useState } from 'preact/hooks';
import type { Capture, CostCard } from '../../api/types';
import { bytes } from '../../format/number';
import { isAdmin, mayAct } from '../../session/session';
import { Share } from '../heap';
import { costSentences, noteSentences, percent, routeWords, sentence } from '../words';
import { t } from '../../words/words';
import { cancel, confirm } from './actions';

interface Props {
	capture: Capture;
	changed: (after: Capture) => void;
	close: () => void;
}

const GATES: Record<CostCard['gate'], string> = {
	allowed: t('It may be taken.'),
	asks: t('The agent would rather not. An administrator may overrule this:'),
	refused: t('The agent refuses, and nobody may overrule this:'),
};

export function Cost(props: Props) {
	const { card } = props.capture;
	if (!card) return <p>{t('The agent has sent no figures.')}</p>;
	return (
		<>
			<ul class="cost">{costSentences(card).map((s) => <li key={s}>{s}</li>)}</ul>
			{card.free_bytes > 0 && card.need_bytes > 0 && (
				<p class="cost-bar">
					<Share part={card.need_bytes} of={card.free_bytes} />
					<span class="quiet">{t('{percent} of the free {size}', { percent: percent(card.need_bytes, card.free_bytes), size: bytes(card.free_bytes) })}</span>
				</p>
			)}
			{card.gate !== 'refused' && noteSentences(props.capture.text).map((s) => <p class="quiet" key={s}>{s}</p>)}
			<p class="quiet">{[card.runtime, routeWords(card.route)].filter(Boolean).join(', ')}.</p>
			<div class={`gate gate-${card.gate}`}>
				<p><strong>{GATES[card.gate]}</strong></p>
				{card.reasons.length > 0 && <ul>{card.reasons.map((r) => <li key={r}>{sentence(r)}</li>)}</ul>}
			</div>
			<Consent {...props} card={card} />
		</>
	);
}

function Consent({ capture, changed, close, card }: Props & { card: CostCard }) {
	const [overrules, setOverrules] = useState(false);
	const [keeps, setKeeps] = useState(false);
	const [busy, setBusy] = useState(false);
	const may = mayAct() && (card.gate === 'allowed' || (card.gate === 'asks' && isAdmin()));
	const run = async (work: () => Promise<Capture | null>) => {
		setBusy(true);
		const after = await work();
		setBusy(false);
		if (after) changed(after);
		return after;
	};
	const yes = () => run(() => confirm(capture.id, {
		...(overrules ? { overrule: true } : {}), ...(keeps ? { keep_raw: true } : {}) }));
	const no = async () => {
		if (!mayAct() || await run(() => cancel(capture.id))) close();
	};
	return (
		<>
			{may && isAdmin() && (
				<div class="consent">
					{card.gate === 'asks' && (
						<label class="tick">
							<input type="checkbox" checked={overrules} onChange={(e) => setOverrules(e.currentTarget.checked)} />
							<span>{t('I have read the reasons and take it nevertheless')}</span>
						</label>
					)}
					<label class="tick">
						<input type="checkbox" checked={keeps} onChange={(e) => setKeeps(e.currentTarget.checked)} />
						<span>
							{t('Also keep the raw file on the host')}
							<span class="quiet">{t('It holds every string of the process, secrets too, until it is deleted.')}</span>
						</span>
					</label>
				</div>
			)}
			<div class="dialog-actions">
				<button type="button" class="button" disabled={busy} onClick={() => void no()}>
					{t(card.gate === 'refused' || !may ? 'Close' : 'Do not take it')}
				</button>
				{may && (
					<button type="button" class={`button ${card.gate === 'asks' ? 'danger' : 'primary'}`}
						disabled={busy || (card.gate === 'asks' && !overrules)} onClick={() => void yes()}>
						{t(card.gate === 'asks' ? 'Overrule and take it' : 'Take the snapshot')}
					</button>
				)}
			</div>
		</>
	);
}
