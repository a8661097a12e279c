import type { Mutant } from '../mutant.ts';

const DECIDE_DELETION = 'shared/core/write/decide-deletion.ts';
const DECIDE_RECORD = 'shared/core/write/decide-record.ts';
const SETTLE_INTENT = 'shared/core/link/settle-intent.ts';
const COMMIT_PLANS = 'shared/pipeline/commit-plans.ts';
const RESOLVE_KEYS = 'shared/pipeline/resolve-keys.ts';
const MOVE_LINK = 'shared/pipeline/move-link.ts';
const REMEMBER = 'await rememberRows(planning.deps, planning.map, planning.links, planned);';
const COMMIT = 'await planning.deps.state.commit(saving.map(({ commit }) => commit));';

/** R5, R6, R19, R21, R22: rows that come, go and are renamed. */
export const ROW_MUTANTS: readonly Mutant[] = [
  {
    id: 'absence-taken-for-deletion',
    rule: 'R5',
    says: 'A row that cannot be seen counts as deleted.',
    patches: [
      {
        file: 'shared/core/record/row.ts',
        find: 'if (state.scanned || state.deletedIds.includes(DELETED_BY_KEY)) return true;',
        replace: 'return true;',
      },
    ],
    killedBy: { scenario: 'a side that shows nothing deletes nothing' },
  },
  {
    id: 'tombstone-not-kept',
    rule: 'R5',
    says: 'The link of a record that we deleted stays as it was.',
    patches: [
      {
        file: 'shared/core/link/advance-link.ts',
        find: "if (write.operation === 'delete') return { link: tombstone(link), surprised: false };",
        replace: "if (write.operation === 'delete') return { link, surprised: false };",
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'record-without-rows-not-buried',
    rule: 'R5',
    says: 'The link of a record that was deleted on both sides stays as it was.',
    patches: [
      {
        file: DECIDE_RECORD,
        find: "{ ...link, sides, state: 'tombstone', base: null, open: {}, assumed: [], backflow: null, intent: null },",
        replace: 'link,',
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'deletion-beats-change',
    rule: 'R5',
    says: 'A row is deleted though it was changed meanwhile.',
    patches: [
      {
        file: DECIDE_DELETION,
        find: 'const changed = refused ? null : firstChange(input, present);',
        replace: 'const changed = null;',
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'deleted-ids-lost-in-merging',
    rule: 'R5',
    says: 'Of two hints about a record, only the later one keeps what it said of deletions.',
    patches: [
      {
        file: 'shared/core/change/merge-changes.ts',
        find: 'deletedIds: mergeIds(earlier.deletedIds, later.deletedIds),',
        replace: 'deletedIds: later.deletedIds,',
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'kind-of-event-believed',
    rule: 'R5',
    says: 'A row that an event calls new is taken for new, even when its claim was lost to an older link.',
    patches: [
      {
        file: 'shared/pipeline/planning.ts',
        find: 'return change.created === true && !change.full;',
        replace: 'return change.created === true;',
      },
    ],
    killedBy: { scenario: 'a row that is only said to be new is not taken for new' },
  },
  {
    id: 'proof-of-deletion-not-kept',
    rule: 'R5',
    says: 'That a row is proven to be gone is forgotten before what follows from it is done.',
    patches: [
      {
        file: DECIDE_RECORD,
        find: "const gone: LinkSide = { ...link.sides[missing], presence: 'deleted' };",
        replace: 'const gone: LinkSide = link.sides[missing];',
      },
    ],
    killedBy: { scenario: 'a proven deletion is carried over when it can be' },
  },
  {
    id: 'deleted-new-row-created-again',
    rule: 'R5',
    says: 'A row that we created and a person deleted, before that was recorded, is created again though the deletion is proven.',
    patches: [
      {
        file: SETTLE_INTENT,
        find: "return write.rowId !== null && state.deletedIds.includes(write.rowId) ? 'done' : 'pending';",
        replace: "return 'pending';",
      },
    ],
    killedBy: { scenario: 'a new row that a person deleted at once is not created again' },
  },
  {
    id: 'refused-deletion-for-ever',
    rule: 'R6',
    says: 'A deletion that is refused is tried again and again.',
    patches: [{ file: DECIDE_DELETION, find: 'DELETE_REFUSALS_MAX = 3;', replace: 'DELETE_REFUSALS_MAX = Infinity;' }],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'ids-not-remembered',
    rule: 'R19',
    says: 'Row ids are not entered into the index.',
    patches: [{ file: COMMIT_PLANS, find: REMEMBER, replace: '' }],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'ids-remembered-after-the-claim',
    rule: 'R19',
    says: 'Row ids are entered into the index once their records are claimed.',
    patches: [
      { file: COMMIT_PLANS, find: REMEMBER, replace: '' },
      { file: COMMIT_PLANS, find: COMMIT, replace: `${COMMIT}\n  ${REMEMBER}` },
    ],
    killedBy: { scenario: 'what was claimed is found by the ids of its rows' },
  },
  {
    id: 'unknown-row-given-up-at-once',
    rule: 'R19',
    says: 'A row that is neither known nor readable is not tried again.',
    patches: [
      {
        file: RESOLVE_KEYS,
        find: 'if (change.releases >= deps.settings.unknownRowReleasesMax) {',
        replace: 'if (true) {',
      },
    ],
    killedBy: { scenario: 'a row that is not readable yet is tried again' },
  },
  {
    id: 'deletion-guard-off',
    rule: 'R21',
    says: 'However many rows are deleted at once, all deletions are carried over.',
    patches: [
      {
        file: 'shared/pipeline/guard-deletions.ts',
        find: 'const held = deleting.slice(granted);',
        replace: 'const held = deleting.slice(deleting.length + granted);',
      },
    ],
    killedBy: { scenario: 'deletions in bulk wait for a person' },
  },
  {
    id: 'approval-not-asked-for',
    rule: 'R21',
    says: 'A deletion that a person must agree to is carried over.',
    patches: [
      {
        file: DECIDE_DELETION,
        find: "input.deletion === 'held' || (policy === 'require-approval' && input.deletion !== 'approved');",
        replace: "input.deletion === 'held';",
      },
    ],
    killedBy: { scenario: 'a deletion that needs approval waits' },
  },
  {
    id: 'link-moved-without-claim',
    rule: 'R22',
    says: 'The link is inserted under its new key while nothing says so under the old one.',
    patches: [
      {
        file: MOVE_LINK,
        find: 'const claimed = await save(planning, { ...link, movedTo: to, claim }, etag);',
        replace: 'const claimed = etag;',
      },
    ],
    killedBy: { scenario: 'a half of a move is completed' },
  },
  {
    id: 'moved-over-another-record',
    rule: 'R22',
    says: "A link moves to a key that is another record's.",
    patches: [
      {
        file: MOVE_LINK,
        find: "if (target?.link.state === 'linked' && target.link.movedFrom !== link.key) {",
        replace: 'if (false) {',
      },
    ],
    killedBy: { scenario: 'two records never become one' },
  },
  {
    id: 'hint-of-a-moved-key-not-forwarded',
    rule: 'R22',
    says: 'A hint about a key that a record has left stays there.',
    patches: [
      {
        file: 'shared/pipeline/renamed-records.ts',
        find: 'if (movedTo !== null) forward(planning, change, movedTo);',
        replace: '',
      },
    ],
    killedBy: { scenario: 'a hint about a former key reaches its record' },
  },
  {
    id: 'renamed-row-not-looked-up',
    rule: 'R22',
    says: 'A row under an unknown key counts as new, though its id is linked under another.',
    patches: [
      {
        file: 'shared/pipeline/renamed-records.ts',
        find: 'holders.set(change, other);',
        replace: 'void other;',
      },
    ],
    killedBy: { scenario: 'a row under a new key is the record that it was' },
  },
  {
    id: 'stale-news-after-recreation',
    rule: 'R22',
    says: 'Old news about a row is believed though another row bears the key by now.',
    patches: [
      {
        file: 'shared/core/change/is-old-news.ts',
        find: 'return rowId !== null && named !== undefined && !named.includes(rowId);',
        replace: 'return false;',
      },
    ],
    killedBy: { scenario: 'news of a recreated row is read' },
  },
];
