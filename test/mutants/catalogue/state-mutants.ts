import type { Mutant } from '../mutant.ts';

/** R25, R26: rows that are closed, and rows that were merged away. */
export const STATE_MUTANTS: readonly Mutant[] = [
  {
    id: 'closed-row-edited-as-it-is',
    rule: 'R25',
    says: 'A row whose table refuses edits while it is closed is edited as it is.',
    patches: [
      {
        file: 'shared/core/write/intended-writes.ts',
        find: 'return reopen === undefined ? write : { ...write, reopen };',
        replace: 'return write;',
      },
    ],
    killedBy: { scenario: 'an edit of a closed row opens it and closes it again' },
  },
  {
    id: 'merged-row-taken-for-a-row',
    rule: 'R26',
    says: 'A row that was merged into another is carried over like any other.',
    patches: [
      {
        file: 'shared/core/write/decide-record.ts',
        find: 'if (mergedAway !== null) return mergedAway;',
        replace: '',
      },
    ],
    killedBy: { scenario: 'a row that was merged away deletes nothing' },
  },
];
