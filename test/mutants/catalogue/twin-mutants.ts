import type { Mutant } from '../mutant.ts';

const FIND_TWINS = 'shared/pipeline/find-twins.ts';

/** R28: rows that are alike, under other keys. */
export const TWIN_MUTANTS: readonly Mutant[] = [
  {
    id: 'alike-row-created-again',
    rule: 'R28',
    says: 'Nobody looks for a row that is like the new one under another key.',
    patches: [{ file: FIND_TWINS, find: 'if (twins === null) return', replace: 'return' }],
    killedBy: { scenario: 'a row that is alike is joined, and bears the key of F&O' },
  },
  {
    id: 'joined-row-keeps-its-key',
    rule: 'R28',
    says: 'The two keys of joined rows are merged as the master says, as if F&O could change its own.',
    patches: [
      {
        file: 'shared/core/conflict/merge-fields.ts',
        find: "const master = isKey ? 'finops' : input.map.master;",
        replace: 'const { master } = input.map;',
      },
    ],
    killedBy: { scenario: 'a row that is alike is joined, and bears the key of F&O' },
  },
  {
    id: 'one-of-several-joined',
    rule: 'R28',
    says: 'Of several rows that are alike the first is joined.',
    patches: [{ file: FIND_TWINS, find: 'if (row.isOneOfSeveral === true) {', replace: 'if (false) {' }],
    killedBy: { scenario: 'of several rows that are alike none is joined' },
  },
  {
    id: 'held-row-joined',
    rule: 'R28',
    says: 'A row that is alike is joined though another record holds it.',
    patches: [{ file: FIND_TWINS, find: '|| (await isHeld(planning, side, row))', replace: '' }],
    killedBy: { scenario: 'a row that is alike and belongs to another record is left to it' },
  },
];
