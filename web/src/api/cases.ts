// The life of an alert with people: steps, hypotheses, silences.
import type { components } from './schema';

type Schemas = components['schemas'];

/** resolved: with or without a version that fixes it. A merged alert lives inside another. */
export type AlertState = Schemas['AlertState'];
/** The tab of the inbox, told by the server: an open alert is new, or it escalates (it got
 *  clearly worse since somebody looked, or broke the condition of its archive), or it regressed
 *  (it leaks on the version that was to fix it, or a later one). */
export type Inbox = Schemas['Inbox'];

/** What AlertRow says beside the finding. */
export interface AlertLife {
	inbox: Inbox;
	/** Name of the user who works on it. */
	owner: string | null;
	/** Then it is new again. */
	acknowledged_until_ms: number | null;
	/** Comes back at the first of these. */
	archive: {
		by: string | null;
		at_ms: number;
		until_ms: number | null;
		above_kb_h: number | null;
		above_hosts: number | null;
	} | null;
	escalated_at_ms: number | null;
	regressed_at_ms: number | null;
	/** The version that fixes it; nobody need run it yet. */
	resolved_in: string | null;
	verification: Verification | null;
	/** Silences that mute it now: nobody is notified. */
	silenced_until_ms: number | null;
	/** This one is inside another. */
	merged_into: number | null;
	/** Inside this one. */
	merged: number[];
	/** It was split off from this one. */
	split_from: number | null;
}

/** Of an alert that was resolved in a version: whether that held. */
export type Verification = Schemas['Verification'];

/** POST /alerts/{id}/STEP with If-Match → Alert. Each writes an event and can be undone by who
 *  took it: POST /alerts/{id}/undo, for a minute, while nothing else happened.
 *    acknowledge {note?, until_ms?, owner?}   assign {owner: name | null}
 *    archive {until_ms?, above_kb_h?, above_hosts?, note?}  (one of the three at least)
 *    resolve {note?, version?}   dismiss {reason}   reopen {note?}
 *    merge {alerts: [id]}        unmerge {alerts: [id]}   split {instances: [id], note?}
 *      (split → the new Alert)
 *  GET /alerts?q=…&inbox=…&limit=&after=: q holds words and terms: is:new service:checkout
 *  kind:leak owner:ada owner:me owner:none version:1.1.0 host:web-* cause:"@pm2/io"; a term
 *  that is not known is a 400 that names it. Without inbox and is: open and acknowledged. */
export type StepName = 'acknowledge' | 'assign' | 'archive' | 'resolve' | 'dismiss' | 'reopen' | 'undo' | 'merge' | 'unmerge' | 'split';

/** POST /alerts/steps {step, alerts: [{id, revision?}], …what the step takes} → one answer each,
 *  in the order asked; at most 200. Each alert has its own transaction. */
export type StepAnswers = Schemas['StepAnswers'];

export type HypothesisVerdict = Schemas['HypothesisVerdict'];

/** GET /alerts/{id}/hypotheses → {items: Hypothesis[]}, Tidemark's own first.
 *  POST {cause, test, result, verdict, remark} → Hypothesis; PUT /hypotheses/{id} (If-Match),
 *  DELETE /hypotheses/{id}. PUT /alerts/{id}/hypotheses/{key} {remark}: on one of Tidemark's. */
export type Hypothesis = Schemas['Hypothesis'];

/** Alert.similar: an earlier alert of the same cause or the same service, and how it ended. */
export type SimilarAlert = Schemas['SimilarAlert'];

/** GET /alerts/{id}/report?format=md|html: the case in one file. */

/** GET /silences?state=active,pending,expired → Page<Silence>; POST, PUT /silences/{id}
 *  (If-Match), DELETE (ends it now). Texts are globs; '' matches all; at least one is given. */
export type Silence = Schemas['Silence'];

/** GET /silences/preview?service=&host=&version=&kind=: what would be muted now. */
export type SilencePreview = Schemas['SilencePreview'];
