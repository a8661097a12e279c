import type { Mutant } from '../mutant.ts';

const MERGE_FIELDS = 'shared/core/conflict/merge-fields.ts';
const ADVANCE_LINK = 'shared/core/link/advance-link.ts';

/** R2, R3, R4, R12, R17, R18, R20: what is compared, what is carried where, and what is news. */
export const VALUE_MUTANTS: readonly Mutant[] = [
  {
    id: 'newest-row-wins',
    rule: 'R2',
    says: 'The row that was heard of last wins as a whole, whichever of its fields changed.',
    patches: [
      {
        file: MERGE_FIELDS,
        find: "if (!changed.dataverse) return { kind: 'take', from: 'finops' };\n  if (!changed.finops) return { kind: 'take', from: 'dataverse' };\n  return judgeConflict(field, base, values, input);",
        replace: "return { kind: 'take', from: input.source };",
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'base-is-what-was-sent',
    rule: 'R2',
    says: 'The base holds the value that was sent, not what the server made of it.',
    patches: [{ file: ADVANCE_LINK, find: 'pairs[field.id] = pairOf(side, held, half(pair, source));', replace: '' }],
    killedBy: { scenario: "a server's answer goes back once" },
  },
  {
    id: 'answer-goes-back-for-ever',
    rule: 'R2',
    says: "A server's own answer goes back each time, also where it answers such an answer.",
    patches: [
      {
        file: ADVANCE_LINK,
        find: 'answer.differing.length > 0 && !intent.backflow ?',
        replace: 'answer.differing.length > 0 ?',
      },
      { file: ADVANCE_LINK, find: 'if (intent.backflow && complete) next = { ...next, backflow: null };', replace: '' },
    ],
    killedBy: { scenario: "a server's answer goes back once" },
  },
  {
    id: 'answer-never-goes-back',
    rule: 'R2',
    says: 'What a server made of a value stays with it.',
    patches: [{ file: ADVANCE_LINK, find: 'answer.differing.length > 0 && !intent.backflow ?', replace: 'false ?' }],
    killedBy: { scenario: "a server's answer goes back once" },
  },
  {
    id: 'unanswered-row-assumed',
    rule: 'R2',
    says: 'A row whose write answered no values is taken for what was sent.',
    patches: [
      {
        file: 'shared/pipeline/read-rows.ts',
        find: 'settled && confirmed && presence',
        replace: 'settled && presence',
      },
    ],
    killedBy: { scenario: 'a row whose write answered no values is read' },
  },
  {
    id: 'change-besides-not-noticed',
    rule: 'R2',
    says: 'What a server changes in other fields than those that were written stays with it.',
    patches: [
      {
        file: ADVANCE_LINK,
        find: 'answer.surprised = true;',
        replace: '',
      },
    ],
    killedBy: { scenario: 'what a server changes besides is carried on' },
  },
  {
    id: 'refused-answer-parked',
    rule: 'R2',
    says: 'A record is parked because the source refuses what the server made of a value.',
    patches: [
      {
        file: 'shared/pipeline/record-changes.ts',
        find: 'if (link.intent?.backflow === true && isRefusal(fault) &&',
        replace: 'if (false &&',
      },
    ],
    killedBy: { scenario: 'a refused answer is agreed as it stands' },
  },
  {
    id: 'outside-taken-for-absent',
    rule: 'R3',
    says: 'A row that left the filter counts as deleted.',
    patches: [
      {
        file: 'shared/pipeline/read-rows.ts',
        find: "return { state: map.sides[side].inFilter(row.values) ? 'in' : 'outside', row };",
        replace:
          "return map.sides[side].inFilter(row.values) ? { state: 'in', row } : { state: 'absent', deletedIds: [], scanned: true };",
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'outside-taken-for-inside',
    rule: 'R3',
    says: 'The filter is not looked at.',
    patches: [
      {
        file: 'shared/pipeline/read-rows.ts',
        find: "return { state: map.sides[side].inFilter(row.values) ? 'in' : 'outside', row };",
        replace: "return { state: 'in', row };",
      },
    ],
    killedBy: { scenario: 'a row outside the filter is not created' },
  },
  {
    id: 'outside-for-ever',
    rule: 'R3',
    says: 'An event about a row outside the filter ends unread, also one that tells of a filter column.',
    patches: [
      {
        file: 'shared/core/change/is-old-news.ts',
        find: "if (presence === 'outside') return !decidesFilter",
        replace: "if (presence === 'outside') return true || !decidesFilter",
      },
    ],
    killedBy: { scenario: 'a row that returns into the filter is taken up' },
  },
  {
    id: 'no-op-without-versions',
    rule: 'R4',
    says: 'A plan that finds nothing to do saves nothing, though the rows have other versions than the link.',
    patches: [
      {
        file: 'shared/core/write/plan-record.ts',
        find: 'return isSame(left, right);',
        replace: 'return isSame({ ...left, sides: null }, { ...right, sides: null });',
      },
    ],
    killedBy: { scenario: 'a plan made before a value was restored loses its claim' },
  },
  {
    id: 'old-news-leaves-the-link',
    rule: 'R4',
    says: 'An event that tells nothing new ends without saving the link.',
    patches: [
      {
        file: 'shared/pipeline/settle-old-news.ts',
        find: 'await deps.state.commit(',
        replace: "((commits) => commits.map(() => ({ kind: 'saved', etag: null })))(",
      },
    ],
    killedBy: { scenario: 'a plan made before old news loses its claim' },
  },
  {
    id: 'one-way-field-flows-back',
    rule: 'R12',
    says: 'A one-way field is merged and written like any other.',
    patches: [
      { file: MERGE_FIELDS, find: 'if (oneWay !== null) return oneWay;', replace: '' },
      {
        file: 'shared/core/write/intended-writes.ts',
        find: 'if (pair === undefined || !field.flowsFrom[otherSide(side)]) continue;',
        replace: 'if (pair === undefined || field[side] === null) continue;',
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'one-way-loser-not-recorded',
    rule: 'R12',
    says: "The target's own value of a one-way field is overwritten without a word.",
    patches: [
      {
        file: MERGE_FIELDS,
        find: "if (isOurs) return { kind: 'take', from };",
        replace: "return { kind: 'take', from };",
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'open-field-written',
    rule: 'R17',
    says: 'A field that waits for a person is written meanwhile.',
    patches: [
      {
        file: MERGE_FIELDS,
        find: "if (winner === null) return { kind: 'open', conflict: draft(field, base, values, 'manual', null) };",
        replace:
          "if (winner === null) return { kind: 'take', from: input.source, conflict: draft(field, base, values, 'manual', null) };",
      },
    ],
    killedBy: { scenario: 'an open field is not written, and keeps its base' },
  },
  {
    id: 'open-field-loses-its-base',
    rule: 'R17',
    says: 'The values that are in conflict become the base, so that nothing seems to differ any more.',
    patches: [
      {
        file: MERGE_FIELDS,
        find: 'outcome.open[field.id] = verdict.conflict.values;',
        replace:
          'outcome.open[field.id] = verdict.conflict.values;\n      outcome.base[field.id] = verdict.conflict.values;',
      },
    ],
    killedBy: { scenario: 'an open field is not written, and keeps its base' },
  },
  {
    id: 'late-decision-carried-out',
    rule: 'R17',
    says: 'What a person decided is written though a side shows another value than the person saw.',
    patches: [
      {
        file: MERGE_FIELDS,
        find: "return holds ? { kind: 'set', pair } : null;",
        replace: "return { kind: 'set', pair };",
      },
    ],
    killedBy: { scenario: 'a decision on values that moved on writes nothing' },
  },
  {
    id: 'breaker-off',
    rule: 'R18',
    says: 'Two automations may undo each other for ever.',
    patches: [
      {
        file: 'shared/core/write/breaker.ts',
        find: 'return repeats.length >= settings.repeats;',
        replace: 'return false;',
      },
    ],
    killedBy: { scenario: 'values that go back and forth are stopped' },
  },
  {
    id: 'first-contact-always-finops',
    rule: 'R20',
    says: 'Where two existing rows meet, F&O wins whoever the master is.',
    patches: [
      {
        file: MERGE_FIELDS,
        find: 'allowed.includes(master) ? master : allowed[0]',
        replace: "allowed.includes('finops') ? 'finops' : allowed[0]",
      },
    ],
    killedBy: { scenario: "at first contact the map's master wins" },
  },
];
