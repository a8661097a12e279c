import type { Mutant } from '../mutant.ts';

const WATCH_SIDES = 'shared/pipeline/watch-sides.ts';

/** R23: what happens while a side is gone, and once it is back. */
export const OUTAGE_MUTANTS: readonly Mutant[] = [
  {
    id: 'outage-not-noticed',
    rule: 'R23',
    says: 'However long a side does not answer, it is called.',
    patches: [
      {
        file: 'shared/adapters/http/outage-detector.ts',
        find: 'return silent.calls >= SILENT_CALLS && nowMs - silent.sinceMs >= SILENT_MS;',
        replace: 'return false;',
      },
    ],
    killedBy: { scenario: 'a side that does not answer is called no more' },
  },
  {
    id: 'gone-side-called',
    rule: 'R23',
    says: 'A side that counts as gone is called all the same.',
    patches: [
      {
        file: 'shared/adapters/http/considerate-client.ts',
        find: "if ((await blocks.standing(side)).standing === 'offline') return failure(gone(side));",
        replace: '',
      },
    ],
    killedBy: { scenario: 'a side that does not answer is called no more' },
  },
  {
    id: 'gone-side-not-probed',
    rule: 'R23',
    says: 'A side that is gone is never asked whether it is back.',
    patches: [{ file: WATCH_SIDES, find: 'if ((await deps.probes[side]()).ok) {', replace: 'if (deps === null) {' }],
    killedBy: { scenario: 'what waited for a side is released in order of age' },
  },
  {
    id: 'waiting-not-released',
    rule: 'R23',
    says: 'What waited for a side goes on waiting when it is back.',
    patches: [{ file: WATCH_SIDES, find: 'await releaseParked(deps, waiting);', replace: '' }],
    killedBy: { scenario: 'what waited for a side is released in order of age' },
  },
  {
    id: 'released-out-of-order',
    rule: 'R23',
    says: 'What waited last is released first.',
    patches: [
      {
        file: WATCH_SIDES,
        find: 'await releaseParked(deps, waiting);',
        replace: 'await releaseParked(deps, waiting.toReversed());',
      },
    ],
    killedBy: { scenario: 'what waited for a side is released in order of age' },
  },
  {
    id: 'released-while-the-other-is-gone',
    rule: 'R23',
    says: 'What waited for a side is released though the other one is gone.',
    patches: [
      {
        file: WATCH_SIDES,
        find: 'if (gone || recovering.length === 0) return;',
        replace: 'if (recovering.length === 0) return;',
      },
    ],
    killedBy: { scenario: 'nothing is released while one side is gone' },
  },
];
