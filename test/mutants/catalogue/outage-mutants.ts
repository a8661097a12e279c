import type { Mutant } from '../mutant.ts';

const WATCH_SIDES = 'shared/pipeline/watch-sides.ts';
const CATCH_UP = 'shared/pipeline/catch-up.ts';
const OUTAGE_DETECTOR = 'shared/adapters/http/outage-detector.ts';

/** R23, I6: a side that is gone or asked for a pause, and what waits for it; I1, I9: what no event told. */
export const OUTAGE_MUTANTS: readonly Mutant[] = [
  {
    id: 'outage-not-noticed',
    rule: 'R23',
    says: 'A side that has not answered for ever so long counts as there.',
    patches: [
      {
        file: OUTAGE_DETECTOR,
        find: 'return silent.calls >= SILENT_CALLS && nowMs - silent.sinceMs >= SILENT_MS;',
        replace: 'return false;',
      },
    ],
    killedBy: { scenario: 'a side that is gone is called no more' },
  },
  {
    id: 'passing-errors-taken-for-an-outage',
    rule: 'R23',
    says: 'Answers in between do not end a series of calls that only a gateway answered.',
    patches: [
      {
        file: OUTAGE_DETECTOR,
        find: 'silent = null;\n        return false;',
        replace: 'return false;',
      },
    ],
    killedBy: { scenario: 'a side that answers in between is there' },
  },
  {
    id: 'side-that-is-gone-called',
    rule: 'R23',
    says: 'Calls go on to a side that is known to be gone.',
    patches: [
      {
        file: 'shared/adapters/http/considerate-client.ts',
        find: "if ((await blocks.standing(side)).standing === 'offline') return failure(gone(side));",
        replace: '',
      },
    ],
    killedBy: { scenario: 'a side that is gone is called no more' },
  },
  {
    id: 'started-while-a-side-is-gone',
    rule: 'R23',
    says: 'What comes while a side is gone is not parked but tried.',
    patches: [
      {
        file: 'shared/pipeline/dispatch-changes.ts',
        find: 'if (byMap.size > 0 && (await offlineSides(deps)).length > 0) {',
        replace: 'if (false) {',
      },
    ],
    killedBy: { scenario: 'what comes while a side is gone waits' },
  },
  {
    id: 'probe-never-made',
    rule: 'R23',
    says: 'A side that is gone is never asked whether it is back.',
    patches: [{ file: WATCH_SIDES, find: 'if ((await deps.probes[side]()).ok) {', replace: 'if (false) {' }],
    killedBy: { scenario: 'what waited for a side is released when it answers' },
  },
  {
    id: 'waiting-changes-never-released',
    rule: 'R23',
    says: 'What waited for a side is left to its own due time when the side is back.',
    patches: [
      {
        file: WATCH_SIDES,
        find: "await deps.state.listParked({ reason: 'offline', limit: RELEASED_MAX });",
        replace: '[];',
      },
    ],
    killedBy: { scenario: 'what waited for a side is released when it answers' },
  },
  {
    id: 'released-while-the-other-side-is-gone',
    rule: 'R23',
    says: 'What waited is released as soon as one of two sides is back.',
    patches: [{ file: WATCH_SIDES, find: 'if (gone || recovering', replace: 'if (recovering' }],
    killedBy: { scenario: 'nothing is released before both sides are there' },
  },
  {
    id: 'released-by-last-hint',
    rule: 'R23',
    says: 'What waited for a side is released in order of the last hints about it, not in order of age.',
    patches: [
      {
        file: WATCH_SIDES,
        find: 'waiting.toSorted((left, right) => left.parked.parkedAtMs - right.parked.parkedAtMs)',
        replace: 'waiting',
      },
    ],
    killedBy: { scenario: 'what waited for a side is released in order of age' },
  },
  {
    id: 'latecomers-of-an-outage-forgotten',
    rule: 'R23',
    says: 'A side counts as well at once, so that what another instance parks a moment later is not released.',
    patches: [{ file: WATCH_SIDES, find: 'RECOVERY_MS = 60_000;', replace: 'RECOVERY_MS = 0;' }],
    killedBy: { scenario: 'what was parked late in an outage is released' },
  },
  {
    id: 'write-to-a-gone-side-failed',
    rule: 'R23',
    says: 'A write that finds its side gone counts as refused, and is not released when the side is back.',
    patches: [
      {
        file: 'shared/pipeline/record-changes.ts',
        find: "if (fault.class === 'offline' || isDrift(fault))",
        replace: 'if (isDrift(fault))',
      },
    ],
    killedBy: { scenario: 'a write that finds its side gone is carried out afterwards' },
  },
  {
    id: 'changes-of-a-gone-side-asked-for',
    rule: 'R23',
    says: 'Dataverse is asked by the timer for its changes although it is gone.',
    patches: [
      {
        file: CATCH_UP,
        find: "if ((await deps.blocks.standing('dataverse')).standing === 'offline') return;",
        replace: '',
      },
    ],
    killedBy: { scenario: 'no changes are asked for while Dataverse is gone' },
  },
  {
    id: 'changes-asked-for-during-a-pause',
    rule: 'I6',
    says: 'Dataverse is asked by the timer for its changes although it asked for a pause.',
    patches: [
      {
        file: CATCH_UP,
        find: "if ((await deps.blocks.blockedUntil('dataverse')) > deps.clock.nowMs()) return;",
        replace: '',
      },
    ],
    killedBy: { scenario: 'no changes are asked for during a pause' },
  },
  {
    id: 'pause-told-to-nobody',
    rule: 'I6',
    says: 'Only the call that was asked for a pause knows of it.',
    patches: [
      {
        file: 'shared/adapters/http/considerate-client.ts',
        find: 'if (pauseMs > 0) await blocks.block(side, clock.nowMs() + pauseMs);',
        replace: '',
      },
    ],
    killedBy: { scenario: 'a pause is kept by who was not told of it' },
  },
  {
    id: 'later-pause-shortens',
    rule: 'I6',
    says: 'The pause that was asked for last takes the place of a longer one.',
    patches: [
      {
        file: 'shared/adapters/memory/memory-side-blocks.ts',
        find: 'Math.max(untilMs, blocks.get(side) ?? 0)',
        replace: 'untilMs',
      },
    ],
    killedBy: { scenario: 'of two pauses the longer one holds' },
  },
  {
    id: 'reading-believes-every-link',
    rule: 'I1',
    says: 'A row that has a link counts as heard of, whatever version the reading of Dataverse shows.',
    patches: [{ file: CATCH_UP, find: 'return rowId === id && version === told;', replace: 'return rowId === id;' }],
    killedBy: { scenario: 'an edit of which no event told crosses with the next reading' },
  },
  {
    id: 'reading-goes-on-past-lost-hints',
    rule: 'I9',
    says: 'The reading of Dataverse goes on from its new place although what it told never reached the queue.',
    patches: [
      {
        file: CATCH_UP,
        find: 'change } })),\n    );',
        replace: 'change } })),\n    ).catch(() => undefined);',
      },
    ],
    killedBy: { scenario: 'what a reading told is told again where it did not reach the queue' },
  },
];
