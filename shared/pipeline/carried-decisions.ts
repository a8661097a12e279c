import { type Change, decisionName } from '../core/change/change.ts';
import type { Advance } from '../core/link/advance-link.ts';
import type { RecordCommit } from '../ports/state-store.ts';

/** How many decisions a link remembers: a queue delivers again soon, or not at all. */
const DECIDED_MAX = 8;

export function withDecided(commit: RecordCommit, { decisions = [] }: Change): RecordCommit {
  if (decisions.length === 0 || commit.link === null || commit.link.intent !== null) return commit;
  const decided = [...commit.link.decided, ...decisions.map(decisionName)].slice(-DECIDED_MAX);
  return { ...commit, link: { ...commit.link, decided } };
}

/** What people decided is carried out once nothing of the intent is left; later edits are not measured against it. */
export function afterDecisions(change: Change, { link }: Advance): Change {
  const { decisions: _carriedOut, ...rest } = change;
  return link.intent === null ? rest : change;
}
