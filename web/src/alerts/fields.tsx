// Fields that the dialogs about alerts share.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { full, toInput } from '../format/time';
import { said } from '../words/said';
import { t } from '../words/words';
import { type Choice, untilMs } from './moments';

/** A label, what it labels, and a word of help. */
export function Field({ label, help, children }: { label: string; help?: ComponentChildren; children: ComponentChildren }) {
	return (
		<div class="field">
			<label>{label}{children}</label>
			{help && <p class="quiet">{help}</p>}
		</div>
	);
}

/** When something ends: a usual moment, or one that is typed. */
export function UntilField({ label, none, choices, choice, own, set }: {
	label: string;
	/** What it means to choose no end. */
	none?: string;
	choices: readonly Choice[];
	choice: string;
	own: string;
	set: (choice: string, own: string) => void;
}) {
	const ms = untilMs(choice, own, now.value, zone.value);
	const pick = (value: string) => set(value, value === 'at' && own === '' ? toInput(now.value + 3_600_000, zone.value) : own);
	const help = ms === null ? undefined
		: Number.isNaN(ms) ? t('As in 2026-11-23 14:30') : full(ms, zone.value);
	return (
		<Field label={label} help={help}>
			<span class="joined">
				<select value={choice} onChange={(e) => pick(e.currentTarget.value)}>
					{none !== undefined && <option value="">{none}</option>}
					{choices.map((c) => <option key={c.value} value={c.value}>{c.name}</option>)}
				</select>
				{choice === 'at' && (
					<input aria-label={t('Until')} value={own} aria-invalid={Number.isNaN(ms)} maxLength={20}
						onInput={(e) => set('at', e.currentTarget.value)} />
				)}
			</span>
		</Field>
	);
}

/** A line of text, with words that it may be. */
export function Line({ label, value, set, offers = [], help, max = 4000, focus = false, required = false, placeholder, name }: {
	label: string;
	value: string;
	set: (value: string) => void;
	offers?: readonly string[];
	help?: ComponentChildren;
	max?: number;
	focus?: boolean;
	required?: boolean;
	placeholder?: string;
	name?: string;
}) {
	const list = useId();
	return (
		<Field label={label} help={help}>
			<input value={value} maxLength={max} autoFocus={focus} required={required} placeholder={placeholder} name={name}
				list={offers.length > 0 ? list : undefined} autocomplete="off"
				onInput={(e) => set(e.currentTarget.value)} />
			{offers.length > 0 && <datalist id={list}>{offers.map((o) => <option key={o} value={o} />)}</datalist>}
		</Field>
	);
}

/** Why it did not work; what was typed stays. */
export function FormError({ text }: { text: string }) {
	return text ? <p class="form-error" role="alert">{said(text)}</p> : null;
}
