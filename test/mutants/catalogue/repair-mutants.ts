import type { Mutant } from '../mutant.ts';

const READ_ROWS = 'shared/pipeline/read-rows.ts';

/** What the engine once did wrong, until seeded histories found it. */
export const REPAIR_MUTANTS: readonly Mutant[] = [
  {
    id: 'outside-row-forgotten',
    rule: 'R4',
    says: 'A new record whose one row is outside the filter is not saved.',
    patches: [
      {
        file: 'shared/core/write/decide-record.ts',
        find: "return settled({ ...link, sides }, 'filtered');",
        replace: "return settled({ ...link, sides }, 'filtered', { forget: link.state === 'new' });",
      },
    ],
    killedBy: { scenario: 'a new record with a row outside the filter is saved' },
  },
  {
    id: 'refused-write-never-carried-out',
    rule: 'R10',
    says: 'A write that was refused when it was repeated counts as never carried out.',
    patches: [
      {
        file: 'shared/core/link/settle-intent.ts',
        find: 'if (bearsOurId(map, side, write, row) || bearsIntendedValue(',
        replace: 'if (!write.refused && bearsIntendedValue(',
      },
      {
        file: 'shared/core/link/settle-intent.ts',
        find: "? 'doubtful'",
        replace: "? 'impossible'",
      },
    ],
    killedBy: { scenario: 'a write that was carried out and then refused is ours' },
  },
  {
    id: 'inference-spent-by-a-repetition',
    rule: 'R10',
    says: 'What was inferred of a write is no longer marked once another one has been repeated.',
    patches: [
      {
        file: 'shared/core/link/advance-link.ts',
        find: 'complete ? link.assumed.filter((field) => !written.has(field)) : link.assumed',
        replace: 'complete ? link.assumed.filter((field) => written === null) : link.assumed',
      },
    ],
    killedBy: { scenario: 'an inference outlasts a write that was only repeated' },
  },
  {
    id: 'half-a-decision-agreed',
    rule: 'R17',
    says: 'What a person decided for both sides counts as agreed when one of them bears it.',
    patches: [
      { file: 'shared/core/link/link.ts', find: 'if (owed === undefined) return pairs;', replace: 'return pairs;' },
    ],
    killedBy: { scenario: 'a decision for both sides is agreed when both bear it' },
  },
  {
    id: 'decision-buried',
    rule: 'R17',
    says: 'A decision that waits for its next attempt waits for ever once its record waits for a person.',
    patches: [
      {
        file: 'shared/core/change/merge-changes.ts',
        find: 'return later.dueAtMs === null && earlier.dueAtMs !== null;',
        replace: 'return later.dueAtMs === null && earlier.dueAtMs === undefined;',
      },
    ],
    killedBy: { scenario: 'a decision is not buried by what else its record waits for' },
  },
  {
    id: 'parent-nowhere-wakes-children',
    rule: 'I6',
    says: 'A look at a record that is nowhere releases what waits for it.',
    patches: [
      {
        file: 'shared/pipeline/commit-plans.ts',
        find: "if (item.plan.wait === null && link?.state === 'linked') linked.push(key);",
        replace: "if (item.plan.wait === null && (link === undefined || link.state === 'linked')) linked.push(key);",
      },
    ],
    killedBy: { scenario: 'a parent that is nowhere releases nothing' },
  },
  {
    id: 'ids-of-created-rows-not-remembered',
    rule: 'R19',
    says: 'The id that F&O chose for a row of ours does not come into the index.',
    patches: [
      {
        file: 'shared/pipeline/record-changes.ts',
        find: 'await rememberInserted(deps, route.map, written);',
        replace: '',
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'stray-hint-dropped',
    rule: 'R19',
    says: 'A hint that the index gave to the wrong record ends there.',
    patches: [
      {
        file: READ_ROWS,
        find: 'if (result.failed === null) await readStrays(deps, map, side, changes, links, result);',
        replace: '',
      },
    ],
    killedBy: { scenario: 'a hint that the index led astray goes on' },
  },
  {
    id: 'created-row-known-by-its-key-only',
    rule: 'R22',
    says: 'A row under the GUID that was chosen for it is not ours once it bears another key.',
    patches: [
      {
        file: READ_ROWS,
        find: "return link.state === 'linked' || link.sides[side].rowId === null;",
        replace: "return link.state === 'linked';",
      },
    ],
    killedBy: { scenario: 'a created row that is renamed at once is ours' },
  },
];
