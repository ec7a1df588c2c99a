import 'uplot/dist/uPlot.min.css';
import './styles/index.css';
import { render } from 'preact';
import { App } from './app/app';
import { startClock } from './app/now';
import { startKeyboard } from './app/keyboard';
import { startPreferences } from './app/preferences';
import { startRouter } from './app/router';
import { loadSession } from './session/session';

startPreferences();
startRouter();
startClock();
startKeyboard();
render(<App />, document.body);
void loadSession();
