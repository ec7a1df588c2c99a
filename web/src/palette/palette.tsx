// One field from which everything is reached: a combobox over what was chosen lately, names
// that the server finds, pages, and what can be done on this page.
import '../styles/palette.css';
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { get, query } from '../api/client';
import type { SearchAnswer } from '../api/fleet';
import { go } from '../app/router';
import { t } from '../words/words';
import { type Entry, KIND_WORD, KIND_WORDS, type Kind, actions, found, keep, pages, recent } from './entries';
import { fits, ranked } from './match';
import { paletteShown } from './shown';

const PAUSE_MS = 120;
const LONGEST = 256;
const OF_EACH = 8;

interface Section {
	kind: Kind | 'recent';
	entries: Entry[];
}

const ORDER: readonly Kind[] = ['service', 'host', 'version', 'alert', 'package', 'page', 'action'];

/** What is offered for what was typed: lately chosen first, nothing twice. Pure. */
export function sectionsOf(typed: string, lately: readonly Entry[], local: readonly Entry[], answered: readonly Entry[]): Section[] {
	const first = ranked(lately, typed, (e) => e.name).slice(0, typed ? 3 : OF_EACH);
	const taken = new Set(first.map((e) => e.to));
	const rest = [...answered, ...ranked(local, typed, (e) => e.name)].filter((e) => !taken.has(e.to));
	const sections: Section[] = [{ kind: 'recent', entries: first },
		...ORDER.map((kind) => ({ kind, entries: rest.filter((e) => e.kind === kind).slice(0, OF_EACH) }))];
	return sections.filter((s) => s.entries.length > 0);
}

/** What the server finds: asked a moment after the last key, answers in the order of asking.
 *  Until then what it found before and still fits stays. */
function useFound(typed: string): { entries: Entry[]; failed: boolean } {
	const [answer, set] = useState<{ entries: Entry[]; of: string; failed: boolean }>({ entries: [], of: '', failed: false });
	useEffect(() => {
		if (typed === '') return;
		let stale = false;
		const timer = setTimeout(() => {
			get<SearchAnswer>(`/search${query({ q: typed })}`).then(
				(a) => { if (!stale) set({ entries: found(a), of: typed, failed: false }); },
				() => { if (!stale) set({ entries: [], of: typed, failed: true }); });
		}, PAUSE_MS);
		return () => {
			stale = true;
			clearTimeout(timer);
		};
	}, [typed]);
	if (typed === '') return { entries: [], failed: false };
	const entries = answer.of === typed ? answer.entries : answer.entries.filter((e) => fits(e.name, typed) !== null);
	return { entries, failed: answer.failed };
}

export function Palette() {
	const dialog = useRef<HTMLDialogElement>(null);
	const id = useId();
	const [text, setText] = useState('');
	const [at, setAt] = useState(0);
	const typed = text.trim();
	const answered = useFound(typed);
	const [lately, local] = useMemo(() => [recent(), [...pages, ...actions()]], []);
	const sections = sectionsOf(typed, lately, local, answered.entries);
	const entries = sections.flatMap((s) => s.entries);
	const chosen = Math.min(at, entries.length - 1);

	useEffect(() => { if (!dialog.current?.open) dialog.current?.showModal(); }, []);
	useEffect(() => {
		document.getElementById(`${id}-${chosen}`)?.scrollIntoView({ block: 'nearest' });
	}, [chosen, typed]);

	const close = () => { paletteShown.value = false; };
	const choose = (entry: Entry | undefined, away = false) => {
		if (!entry) return;
		keep(entry);
		const { to } = entry;
		if (typeof to === 'string' && away) {
			open(to, '_blank', 'noopener');
			return;
		}
		close();
		// The palette is gone before what it does opens a dialog of its own.
		if (typeof to === 'string') go(to);
		else setTimeout(to);
	};
	const onKey = (event: KeyboardEvent) => {
		if (event.isComposing) return;
		const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 }[event.key];
		if (step !== undefined) {
			// One step goes around, a leap stops at the ends.
			const next = chosen + step;
			setAt(Math.abs(step) === 1 ? (next + entries.length) % Math.max(1, entries.length) : Math.min(Math.max(next, 0), entries.length - 1));
		} else if (event.key === 'Enter') choose(entries[chosen], event.ctrlKey || event.metaKey);
		else return;
		event.preventDefault();
	};
	let index = -1;
	return (
		<dialog ref={dialog} class="palette" aria-label={t('Go to, or do')} onClose={close}
			onClick={(e) => { if (e.target === dialog.current) close(); }}>
			<div class="palette-body">
				<input type="text" role="combobox" aria-expanded={entries.length > 0} aria-controls={`${id}-list`} aria-autocomplete="list"
					aria-activedescendant={entries.length > 0 ? `${id}-${chosen}` : undefined} aria-label={t('Hosts, services, versions, alerts, pages and actions')}
					placeholder={t('Hosts, services, versions, alerts, pages and actions')} value={text} maxLength={LONGEST}
					autocomplete="off" spellcheck={false} onInput={(e) => { setText(e.currentTarget.value); setAt(0); }} onKeyDown={onKey} />
				<div id={`${id}-list`} class="palette-list" role="listbox" aria-label={t('Found')}>
					{sections.map((section) => (
						<div role="group" key={section.kind} aria-labelledby={`${id}-of-${section.kind}`}>
							<p id={`${id}-of-${section.kind}`} role="presentation">{KIND_WORDS[section.kind]}</p>
							{section.entries.map((entry) => {
								index++;
								const mine = index;
								return (
									<Option key={`${entry.kind} ${typeof entry.to === 'string' ? entry.to : entry.name}`} id={`${id}-${mine}`} entry={entry}
										kind={section.kind === 'recent'} selected={mine === chosen} over={() => setAt(mine)}
										choose={(away) => choose(entry, away)} />
								);
							})}
						</div>
					))}
				</div>
				<p class={entries.length === 0 ? 'palette-none' : 'sr-only'} role="status">
					{entries.length > 0 ? t('{n, plural, one {# result} other {# results}}', { n: entries.length }) : t('Nothing is called so.')}
				</p>
				{answered.failed && <p class="palette-none warn" role="alert">{t('The server does not answer: names cannot be looked up.')}</p>}
			</div>
		</dialog>
	);
}

function Option({ id, entry, kind, selected, over, choose }: {
	id: string;
	entry: Entry;
	/** Say what it is: it does not stand among its like. */
	kind: boolean;
	selected: boolean;
	over: () => void;
	choose: (away: boolean) => void;
}) {
	return (
		<div id={id} role="option" aria-selected={selected} class="palette-option" onPointerMove={() => { if (!selected) over(); }}
			onClick={(e) => choose(e.ctrlKey || e.metaKey)}>
			<span class="name" title={entry.name}>{entry.name}</span>
			{entry.detail && <span class="detail">{entry.detail}</span>}
			{kind && <span class="detail kind">{KIND_WORD[entry.kind]}</span>}
			{entry.keys && <span class="keys-of">{entry.keys.split(' ').map((k) => <kbd key={k}>{k}</kbd>)}</span>}
		</div>
	);
}
