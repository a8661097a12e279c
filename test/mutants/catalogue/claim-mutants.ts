import type { Mutant } from '../mutant.ts';

const PLAN_RECORD = 'shared/core/write/plan-record.ts';
const PLAN_CHANGES = 'shared/pipeline/plan-changes.ts';
const COMMIT_PLANS = 'shared/pipeline/commit-plans.ts';
const WRITE_CHANGES = 'shared/pipeline/write-changes.ts';
const RECORD_CHANGES = 'shared/pipeline/record-changes.ts';
const MEMORY_STATE = 'shared/adapters/memory/memory-state-store.ts';

/** R1, R7, R8, R14: claims, and what is saved with them and after the write. */
export const CLAIM_MUTANTS: readonly Mutant[] = [
  {
    id: 'claim-under-a-fresh-etag',
    rule: 'R1',
    says: 'The claim is saved under the etag that the link has by then, not under the one loaded before the rows.',
    patches: [
      {
        file: COMMIT_PLANS,
        find: 'await planning.deps.state.commit(saving.map(({ commit }) => commit));',
        replace: `await (async (commits) => {
          const fresh = await planning.deps.state.loadLinks(planning.map.id, commits.map(({ key }) => key), new Map());
          return planning.deps.state.commit(commits.map((each) => ({ ...each, etag: fresh.get(each.key)?.etag ?? null })));
        })(saving.map(({ commit }) => commit));`,
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'older-row-believed',
    rule: 'R1',
    says: 'A row that was read before the link was loaded stands for the row as it is now.',
    patches: [
      {
        file: 'shared/pipeline/read-rows.ts',
        find: 'if (row !== undefined && link === undefined) result',
        replace: 'if (row !== undefined) result',
      },
    ],
    killedBy: { scenario: 'a row that is older than the link is read again' },
  },
  {
    id: 'lost-claim-ignored',
    rule: 'R1',
    says: 'A plan whose link somebody else saved first counts as saved.',
    patches: [{ file: COMMIT_PLANS, find: "return outcome.kind === 'saved';", replace: 'return true;' }],
    killedBy: { scenario: 'a plan that loses its link is made again' },
  },
  {
    id: 'claim-not-insert-only',
    rule: 'R1',
    says: 'A record without a link is claimed by saving over whatever link another batch inserted meanwhile.',
    patches: [
      {
        file: MEMORY_STATE,
        find: 'if (current !== etag) return',
        replace: 'if (etag !== null && current !== etag) return',
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'claim-not-saved',
    rule: 'R7',
    says: 'The intent is saved without a claim, and writes ask for none.',
    patches: [
      {
        file: PLAN_RECORD,
        find: 'return { ...link, claim: { owner: input.owner, untilMs: input.claimUntilMs } };',
        replace: 'return { ...link, claim: null };',
      },
      {
        file: WRITE_CHANGES,
        find: 'return claim?.owner === command.owner && claim.untilMs >= deadlineMs ? stored.link : null;',
        replace: 'return stored.link;',
      },
    ],
    killedBy: { scenario: 'a claim of another batch is waited for without a write' },
  },
  {
    id: 'claim-of-another-not-respected',
    rule: 'R7',
    says: 'A record that another batch has claimed is planned and claimed all the same.',
    patches: [
      {
        file: PLAN_RECORD,
        find: 'if (claim !== null && claim.owner !== input.owner && ',
        replace: 'if (claim !== null && false && ',
      },
      { file: PLAN_CHANGES, find: 'if (claim === null || ', replace: 'if (claim === null || true || ' },
    ],
    killedBy: { scenario: 'a claim of another batch is waited for without a write' },
  },
  {
    id: 'expired-claim-taken-over-at-once',
    rule: 'R7',
    says: 'Another host takes a claim over in the very moment in which it ends by its own clock.',
    patches: [{ file: PLAN_RECORD, find: 'CLOCK_DIFFERENCE_MS = 30_000;', replace: 'CLOCK_DIFFERENCE_MS = 0;' }],
    killedBy: { scenario: 'a claim that just ended is waited for' },
  },
  {
    id: 'written-on-an-expiring-claim',
    rule: 'R7',
    says: 'A write is sent though its claim may end during the call.',
    patches: [
      {
        file: WRITE_CHANGES,
        find: 'claim?.owner === command.owner && claim.untilMs >= deadlineMs',
        replace: 'claim?.owner === command.owner',
      },
      { file: WRITE_CHANGES, find: 'pause ?? (isLate(deps, group) ? CLAIM_EXPIRING : null)', replace: 'pause' },
    ],
    killedBy: { scenario: 'nothing is sent on a claim that is about to end' },
  },
  {
    id: 'written-under-another-etag',
    rule: 'R7',
    says: 'A write that is sent late is sent as the link says by then, though it was saved since the claim.',
    patches: [
      {
        file: WRITE_CHANGES,
        find: 'if (stored === undefined || stored.etag !== record.etag) return null;',
        replace: 'if (stored === undefined) return null;',
      },
    ],
    killedBy: { scenario: 'nothing is sent under another etag' },
  },
  {
    id: 'losers-not-recorded',
    rule: 'R8',
    says: 'A value that loses a conflict is overwritten without a word.',
    patches: [
      {
        file: 'shared/core/conflict/merge-fields.ts',
        find: "return { kind: 'take', from: winner, conflict: draft(field, base, values, rule, winner) };",
        replace: "return { kind: 'take', from: winner };",
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'losers-saved-with-the-record',
    rule: 'R8',
    says: 'Losers travel along with the write and are saved when it is recorded.',
    patches: [
      {
        file: COMMIT_PLANS,
        find: 'conflicts: conflictsOf(',
        replace: "conflicts: plan.kind === 'write' ? [] : conflictsOf(",
      },
      {
        file: COMMIT_PLANS,
        find: 'change: item.change, again: item.plan.again });',
        replace: `change: item.change, again: item.plan.again,
          losers: conflictsOf(planning.map, item.change.key, planning.links.get(item.change.key)?.link ?? null, item.states, item.plan, planning.nowMs) });`,
      },
      {
        file: RECORD_CHANGES,
        find: 'conflicts: [],',
        replace: 'conflicts: advance.done.length > 0 ? record.losers : [],',
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'base-saved-before-the-write',
    rule: 'R14',
    says: 'The base is saved with the claim, as if the write had happened already.',
    patches: [
      {
        file: PLAN_RECORD,
        find: 'const link = claimed({ ...next, intent }, input);',
        replace:
          'const link = claimed({ ...next, base: { ...next.base, ...writes.finops?.pairs, ...writes.dataverse?.pairs }, intent }, input);',
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'audit-not-saved',
    rule: 'R14',
    says: 'Recording saves the link without the audit of its writes.',
    patches: [{ file: RECORD_CHANGES, find: 'audit: auditOf(map, written, nowMs),', replace: 'audit: [],' }],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'healed-write-not-audited',
    rule: 'R14',
    says: 'A write that is found done gets no audit.',
    patches: [
      {
        file: 'shared/pipeline/commit-plans.ts',
        find: 'if (claimed === null || healed.length === 0) return [];',
        replace: 'return [];',
      },
    ],
    killedBy: { scenario: 'a write that is found done is audited' },
  },
];
