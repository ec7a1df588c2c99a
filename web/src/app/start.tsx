import { render } from 'preact';
import { loadSession } from '../session/session';
import { watchRows } from '../ui/steady';
import { App } from './app';
import { startKeyboard } from './keyboard';
import { startClock } from './now';
import { startPreferences } from './preferences';
import { startRouter } from './router';

export function start(): void {
	startPreferences();
	startRouter();
	startClock();
	startKeyboard();
	watchRows();
	render(<App />, document.body);
	void loadSession();
}
