import type { Mutant } from '../mutant.ts';

/** R27: the records that F&O numbers. */
export const NUMBERING_MUTANTS: readonly Mutant[] = [
  {
    id: 'numbered-row-without-our-id',
    rule: 'R27',
    says: 'A row that F&O is to number does not bear the id of the Dataverse row that it is created for.',
    patches: [
      {
        file: 'shared/core/write/intended-writes.ts',
        find: "if (side === 'finops' && map.numbering !== null) extras[map.numbering.matchColumn] = from.id;",
        replace: '',
      },
    ],
    killedBy: { seedsMax: 300 },
  },
  {
    id: 'number-taken-for-a-new-record',
    rule: 'R27',
    says: 'The event of a row that F&O has just numbered makes a second record of it.',
    patches: [
      {
        file: 'shared/pipeline/renamed-records.ts',
        find: 'if (planning.map.numbering !== null) await findNumbered(planning, changes, read, holders);',
        replace: '',
      },
    ],
    killedBy: { seedsMax: 300 },
  },
  {
    id: 'number-taken-for-an-edit',
    rule: 'R27',
    says: 'The number that a row was given counts as an edit, which a deletion loses to.',
    patches: [
      {
        file: 'shared/core/write/decide-deletion.ts',
        find: "return !(present === 'finops' && before === null && field.finops === input.map.numbering?.column);",
        replace: 'return true;',
      },
    ],
    killedBy: { scenario: 'a row that was numbered follows its deleted partner' },
  },
  {
    id: 'refused-number-agreed',
    rule: 'R27',
    says: 'When Dataverse refuses the number once, the record stays without it.',
    patches: [
      {
        file: 'shared/pipeline/record-changes.ts',
        find: ' && unnumberedRowId(map, record.key) === null) {',
        replace: ') {',
      },
    ],
    killedBy: { scenario: 'a refused number comes again' },
  },
  {
    id: 'deleted-number-forgotten',
    rule: 'R27',
    says: 'The deletion of a row is forgotten when it comes before the answer to the insert by which F&O numbered it.',
    patches: [
      {
        file: 'shared/pipeline/plan-changes.ts',
        find: "if (plan.kind === 'settled' && plan.wait === null && isPerhapsNumbered(planning, change)) {",
        replace: 'if (false) {',
      },
    ],
    killedBy: { seedsMax: 3_000 },
  },
];
