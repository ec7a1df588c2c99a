// The words first: modules may say something as soon as they are run.
import 'uplot/dist/uPlot.min.css';
import './styles/index.css';
import { loadWords } from './words/words';

async function begin(): Promise<void> {
	try {
		await loadWords();
		(await import('./app/start')).start();
	} catch (e) {
		// After an upgrade the files have other names; there are no words to say it in.
		document.body.textContent = 'The console could not be loaded. Please reload the page. / 控制台加载失败，请刷新页面。';
		throw e;
	}
}

// Not awaited here: what is loaded may import of this file what it shares with it, and would
// wait for its end.
void begin();
