// The dialogs of the alerts' pages, which come when the first of them is opened.
import type { Alert, AlertRow, StepAnswers } from '../api/types';
import { SilenceDialog, silenceOf } from '../silences/form';
import type { Deed } from './bulk';
import { DismissDialog } from './dismiss';
import { MergeDialog, SplitDialog } from './merge';
import { StepDialog } from './step';

export interface DeedProps {
	deed: Deed | 'dismiss' | 'split';
	alerts: readonly AlertRow[];
	close: () => void;
	changed?: (after: Alert) => void;
	answered?: (answers: StepAnswers) => void;
	versions?: readonly string[];
	version?: string;
}

export function DeedDialog({ deed, ...rest }: DeedProps) {
	const { alerts, close } = rest;
	const [first] = alerts;
	if (!first) return null;
	switch (deed) {
		case 'dismiss':
			return <DismissDialog alert={first} {...rest} />;
		case 'split':
			return <SplitDialog alert={first as Alert} close={close} />;
		case 'merge':
			return <MergeDialog {...rest} />;
		case 'silence':
			return <SilenceDialog silence={silenceOf(alerts)} close={close} />;
		default:
			return <StepDialog step={deed} {...rest} />;
	}
}
