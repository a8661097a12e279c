import type { Mutant } from '../mutant.ts';

const PLAN_RECORD = 'shared/core/write/plan-record.ts';
const SETTLE_INTENT = 'shared/core/link/settle-intent.ts';
const ADVANCE_LINK = 'shared/core/link/advance-link.ts';
const INTENDED_WRITES = 'shared/core/write/intended-writes.ts';
const WRITE_CHANGES = 'shared/pipeline/write-changes.ts';

/** R9, R10, R11: what is intended, what became of it, and how it is written. */
export const INTENT_MUTANTS: readonly Mutant[] = [
  {
    id: 'intent-dropped-after-an-unknown-outcome',
    rule: 'R9',
    says: 'A write that failed is forgotten, though it may have been carried out, or may still be.',
    patches: [
      {
        file: ADVANCE_LINK,
        find: "left[side] = result?.kind === 'failed' ? afterFault(write, result.fault) : write;",
        replace: "if (result?.kind !== 'failed') left[side] = write;",
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'expired-claim-not-examined',
    rule: 'R9',
    says: "Who takes over another's expired claim forgets what was intended under it.",
    patches: [
      {
        file: PLAN_RECORD,
        find: 'settleIntent(input.map, loaded, input.rows);',
        replace:
          'settleIntent(input.map, claim !== null && claim.owner !== input.owner ? { ...loaded, intent: null } : loaded, input.rows);',
      },
    ],
    killedBy: { scenario: 'our own unrecorded write is not taken for an edit' },
  },
  {
    id: 'unsettled-write-repeated-over-a-newer-edit',
    rule: 'R9',
    says: 'A write whose row has moved on is sent again, under the version that the row has now.',
    patches: [
      {
        file: SETTLE_INTENT,
        find: 'const repeat = writesOf(examined.filter((each) => isPending(each) && !each.write.refused));',
        replace: `const moved = ({ finding, write, side }) =>
      finding === 'impossible' && write.operation === 'update' && rows[side].row !== undefined;
    const repeat = {
      ...writesOf(examined.filter((each) => isPending(each) && !each.write.refused)),
      ...Object.fromEntries(
        examined.filter(moved).map(({ side, write }) => [side, { ...write, ifMatch: rows[side].row.version }]),
      ),
    };`,
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'unsettled-write-not-repeated',
    rule: 'R9',
    says: 'A write that may still land is not repeated before something new goes to its row.',
    patches: [
      {
        file: SETTLE_INTENT,
        find: 'const repeat = writesOf(examined.filter((each) => isPending(each) && !each.write.refused));',
        replace: 'const repeat = {};',
      },
    ],
    killedBy: { scenario: 'a write that may still land is repeated first' },
  },
  {
    id: 'refused-write-repeated',
    rule: 'R9',
    says: 'A write that the target definitely refused is repeated before anything new.',
    patches: [
      {
        file: ADVANCE_LINK,
        find: 'return isRefusal(fault) ? { ...write, refused: true } : write;',
        replace: 'return write;',
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'news-settled-over-an-open-intent',
    rule: 'R9',
    says: 'An event that tells nothing new by the base ends there, though a write was intended and never recorded.',
    patches: [
      {
        file: 'shared/core/change/is-old-news.ts',
        find: 'link.intent === null && link.backflow === null && link.assumed.length === 0 && link.claim === null;',
        replace: 'link.backflow === null && link.assumed.length === 0;',
      },
    ],
    killedBy: { scenario: 'no news is old while an intent is open' },
  },
  {
    id: 'half-of-two-writes-not-recorded',
    rule: 'R9',
    says: 'Of two writes, the one that was carried out is not recorded while the other one failed.',
    patches: [
      { file: ADVANCE_LINK, find: 'for (const side of done) {', replace: 'for (const side of complete ? done : []) {' },
    ],
    killedBy: { scenario: 'of two writes the one that was done is recorded' },
  },
  {
    id: 'base-not-corrected',
    rule: 'R10',
    says: 'A write that is found done leaves the base as it was, so that it looks like an edit.',
    patches: [
      {
        file: SETTLE_INTENT,
        find: 'base: { ...before, ...withoutOwed(write.pairs, owed) },',
        replace: 'base: link.base ?? write.pairs,',
      },
    ],
    killedBy: { scenario: 'our own unrecorded write is not taken for an edit' },
  },
  {
    id: 'chosen-guid-proves-nothing',
    rule: 'R10',
    says: 'A new row with the GUID that we chose is not taken for ours.',
    patches: [
      {
        file: SETTLE_INTENT,
        find: "row.id === write.rowId ? 'done' : 'impossible';",
        replace: "'impossible';",
      },
    ],
    killedBy: { scenario: 'a new row with our GUID is ours' },
  },
  {
    id: 'base-corrected-field-by-field',
    rule: 'R10',
    says: 'Of a write that is found done, only the fields count that still bear what was written.',
    patches: [
      {
        file: SETTLE_INTENT,
        find: "const found = writesOf(examined.filter(({ finding }) => finding === 'done'));",
        replace: `const borne = ({ side, write }) => {
      const held = rows[side].row?.values ?? {};
      const column = (id) => map.fields.find((field) => field.id === id)[side];
      const pairs = Object.entries(write.pairs).filter(([id, pair]) => (held[column(id)] ?? null) === half(pair, side));
      return [side, { ...write, pairs: Object.fromEntries(pairs) }];
    };
    const found = Object.fromEntries(examined.filter(({ finding }) => finding === 'done').map(borne));`,
      },
    ],
    killedBy: { scenario: 'one field proves the whole of an unrecorded write' },
  },
  {
    id: 'assumed-write-not-recorded',
    rule: 'R10',
    says: 'What is overwritten because it was taken for our own unrecorded write is not recorded.',
    patches: [
      {
        file: 'shared/core/conflict/merge-fields.ts',
        find: 'if (conflict === undefined && input.link.assumed.includes(field.id)) {',
        replace: 'if (false) {',
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'no-condition',
    rule: 'R11',
    says: 'Updates and deletions name no version, so that a side that asks for one refuses them all.',
    patches: [
      { file: INTENDED_WRITES, find: 'ifMatch: state.row.version };', replace: 'ifMatch: null };' },
      { file: INTENDED_WRITES, find: 'ifMatch: version };', replace: 'ifMatch: null };' },
    ],
    killedBy: { seedsMax: 100 },
  },
  {
    id: 'condition-taken-just-before-the-write',
    rule: 'R11',
    says: 'A write names whatever version its row has when it is sent, so that it always fits.',
    patches: [
      {
        file: WRITE_CHANGES,
        find: 'const answers = await deps.sides[side].write(',
        replace: `const ids = sending.flatMap(({ write }) => write.rowId ?? []);
  const now = ids.length > 0 ? await deps.sides[side].readByIds(map, ids) : { ok: false };
  for (const { write } of sending) if (now.ok && write.ifMatch !== null) write.ifMatch = now.value.get(write.rowId)?.version ?? write.ifMatch;
  const answers = await deps.sides[side].write(`,
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'existing-row-taken-for-ours',
    rule: 'R11',
    says: 'An insert that finds a row there already counts as done.',
    patches: [
      {
        file: WRITE_CHANGES,
        find: "if (answer.kind === 'failed') return answer;",
        replace: `if (answer.kind === 'failed' && answer.fault.class === 'exists') {
    const { rowId, address } = link.intent.writes[side];
    return { kind: 'done', rowId, address, version: null, differing: null };
  }
  if (answer.kind === 'failed') return answer;`,
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'no-guid-chosen',
    rule: 'R11',
    says: 'The GUID of a new row in Dataverse is left to Dataverse.',
    patches: [{ file: INTENDED_WRITES, find: "side === 'dataverse' ? ground.ids.row : null", replace: 'null' }],
    killedBy: { scenario: 'a created row that is renamed at once is ours' },
  },
];
