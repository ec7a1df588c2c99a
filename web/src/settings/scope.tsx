// The services to which a user or a token is limited.
import { Line } from '../alerts/fields';
import { t } from '../words/words';

const MOST = 100;

/** As typed, by commas; null: all of them. Pure. */
export function readScope(text: string): string[] | null {
	const names = [...new Set(text.split(',').map((name) => name.trim()).filter(Boolean))];
	return names.length > 0 ? names.slice(0, MOST) : null;
}

/** "checkout*, cart"; '': all of them. Pure. */
export function scopeText(services: readonly string[] | null): string {
	return services?.join(', ') ?? '';
}

/** In a table. */
export function Scope({ services }: { services: readonly string[] | null }) {
	if (services === null) return <span class="quiet">{t('all')}</span>;
	const text = scopeText(services);
	return <span class="clip" title={text}>{text}</span>;
}

export function ScopeField({ value, set }: { value: string; set: (text: string) => void }) {
	return (
		<Line label={t('Services')} name="services" value={value} set={set} placeholder={t('all')}
			help={t('Names by commas, with * for anything: checkout*, cart. Of other services nothing is shown, and nothing can be done there.')} />
	);
}
