import type { Mutant } from '../mutant.ts';

/** Of versions of maps: R24. */
export const VERSION_MUTANTS: readonly Mutant[] = [
  {
    id: 'replaced-version-written',
    rule: 'R24',
    says: 'What the replaced version of a map planned is written although another is active.',
    patches: [
      {
        file: 'shared/pipeline/write-changes.ts',
        find: 'link?.intent != null && link.intent.mapVersion !== version',
        replace: 'link?.intent != null && link.intent.mapVersion === null',
      },
    ],
    killedBy: { scenario: 'a version that was replaced writes nothing more' },
  },
  {
    id: 'versions-vouch-across-maps',
    rule: 'R24',
    says: 'A row that another version of the map has read counts as known, also in columns that it did not read.',
    patches: [
      {
        file: 'shared/pipeline/read-rows.ts',
        find: 'if (link.plannedBy !== map.version) return true;',
        replace: '',
      },
    ],
    killedBy: { scenario: 'a column that another version did not read is compared' },
  },
  {
    id: 'other-versions-write-believed',
    rule: 'R24',
    says: 'What another version of the map wrote counts as agreed in fields that this one does not know.',
    patches: [
      {
        file: 'shared/core/link/settle-intent.ts',
        find: 'if (intent.mapVersion === map.version) return write;',
        replace: 'return write;',
      },
    ],
    killedBy: { seedsMax: 500 },
  },
];
