import type { Mutant } from '../mutant.ts';

const RECORD_CHANGES = 'shared/pipeline/record-changes.ts';
const RELEASE_PARKED = 'shared/pipeline/release-parked.ts';
const MEMORY_PARKED = 'shared/adapters/memory/memory-parked-changes.ts';

/** R13, R15, R16, I3, I6: pausing, parking, releasing and trying again. */
export const WAITING_MUTANTS: readonly Mutant[] = [
  {
    id: 'pause-flag-not-read-by-write',
    rule: 'R13',
    says: 'A map that was paused after the claim is written all the same.',
    patches: [
      {
        file: 'shared/pipeline/write-changes.ts',
        find: "if (route === null || status !== 'running') {",
        replace: 'if (route === null) {',
      },
    ],
    killedBy: { scenario: 'a map that was paused after the claim writes nothing' },
  },
  {
    id: 'paused-without-draining',
    rule: 'R13',
    says: 'A map counts as paused though claims of its records are live.',
    patches: [
      {
        file: 'shared/pipeline/control-map.ts',
        find: "if (liveClaims > 0) return { status: 'pausing', liveClaims };",
        replace: '',
      },
    ],
    killedBy: { scenario: 'a map is paused when none of its claims is live' },
  },
  {
    id: 'release-named-without-etag',
    rule: 'R15',
    says: 'A released change is named by its record alone, so that the second release is taken for the first.',
    patches: [
      {
        file: RELEASE_PARKED,
        find: 'stored.map(({ parked, etag }) => ({',
        replace: 'stored.map(({ parked, nothing: etag }) => ({',
      },
    ],
    killedBy: { seedsMax: 500 },
  },
  {
    id: 'unparked-unconditionally',
    rule: 'R16',
    says: "A record's success takes out whatever waits for it, also what was parked since.",
    patches: [
      {
        file: MEMORY_PARKED,
        find: 'if (parkedByName.get(name)?.parked.id === id) parkedByName.delete(name);',
        replace: 'parkedByName.delete(name);',
      },
    ],
    killedBy: { scenario: 'a success takes out only what its link named' },
  },
  {
    id: 'released-unconditionally',
    rule: 'R16',
    says: 'A release takes out whatever waits for the record, also what was parked since it was read.',
    patches: [
      {
        file: MEMORY_PARKED,
        find: 'return parkedByName.get(name)?.etag === etag && parkedByName.delete(name);',
        replace: 'return parkedByName.delete(name);',
      },
    ],
    killedBy: { scenario: 'a release takes out only what it read' },
  },
  {
    id: 'deleted-before-it-is-enqueued',
    rule: 'R16',
    says: 'A parked change is taken out first and enqueued then.',
    patches: [
      {
        file: RELEASE_PARKED,
        find: 'await deps.queue.send(',
        replace: 'for (const item of stored) await deps.state.removeParked(item);\n  await deps.queue.send(',
      },
    ],
    killedBy: { scenario: 'a release that fails leaves the change parked' },
  },
  {
    id: 'released-before-it-is-due',
    rule: 'R16',
    says: 'Time releases everything, due or not, also what waits for a person.',
    patches: [
      {
        file: RELEASE_PARKED,
        find: '{ dueByMs: deps.clock.nowMs(), limit: RELEASED_MAX }',
        replace: '{ limit: RELEASED_MAX }',
      },
    ],
    killedBy: { scenario: 'only what is due is released by time' },
  },
  {
    id: 'children-woken-before-the-commit',
    rule: 'R16',
    says: 'Children are released before their parent is recorded, so one that parks in between waits for nothing.',
    patches: [
      {
        file: RECORD_CHANGES,
        find: 'await commitRecordings(deps, recordings);\n  await wakeUp(deps, command, recordings);',
        replace: 'await wakeUp(deps, command, recordings);\n  await commitRecordings(deps, recordings);',
      },
    ],
    killedBy: { scenario: 'a child that parks while its parent is recorded is released' },
  },
  {
    id: 'parked-child-does-not-look-again',
    rule: 'R16',
    says: 'A child that parked does not look whether its parent came meanwhile.',
    patches: [{ file: RECORD_CHANGES, find: '(commit === null ? [] : lookAgain)', replace: '[]' }],
    killedBy: { scenario: 'a child whose parent came before it parked is released' },
  },
  {
    id: 'child-parked-without-a-pointer',
    rule: 'R16',
    says: 'Nothing leads from a missing parent to the children that wait for it.',
    patches: [
      {
        file: RECORD_CHANGES,
        find: 'for (const ref of missing) await deps.state.addWaiter(ref, waiting.identity, map.id);',
        replace: '',
      },
    ],
    killedBy: { scenario: 'a child that parks while its parent is recorded is released' },
  },
  {
    id: 'parked-change-does-not-look-at-its-map',
    rule: 'R16',
    says: 'What was parked for a paused map does not look whether the map was resumed meanwhile.',
    patches: [
      {
        file: 'shared/pipeline/dispatch-changes.ts',
        find: 'await releaseIfRunning(deps, mapId);',
        replace: '',
      },
    ],
    killedBy: { scenario: 'what is parked while its map is resumed is released' },
  },
  {
    id: 'no-op-wakes-no-children',
    rule: 'R16',
    says: 'Only a write of the parent releases its children, not a plan that finds it as it should be.',
    patches: [
      {
        file: 'shared/pipeline/commit-plans.ts',
        find: 'if (linked.length > 0) await releaseWaiters(planning.deps, planning.map.id, linked);',
        replace: '',
      },
    ],
    killedBy: { scenario: 'children are released by any plan of their parent' },
  },
  {
    id: 'instance-named-without-its-content',
    rule: 'I3',
    says: 'Orchestrations are named by their delivery alone, so that the second batch of one is taken for the first.',
    patches: [
      {
        file: 'shared/pipeline/dispatch-changes.ts',
        find: '[delivery, mapId, changes.map(changeIdentity)]',
        replace: '[delivery, mapId]',
      },
    ],
    killedBy: { scenario: 'all batches of one delivery are carried out' },
  },
  {
    id: 'retry-after-ignored',
    rule: 'I6',
    says: 'A call is repeated sooner than the other system asked for.',
    patches: [
      { file: 'shared/core/fault/retry-policy.ts', find: 'if (retryAfterMs > 0) return retryAfterMs;', replace: '' },
      { file: RECORD_CHANGES, find: 'Math.max(...command.records.map(askedPauseMs), ', replace: 'Math.max(' },
    ],
    killedBy: { scenario: 'Retry-After is honoured' },
  },
  {
    id: 'long-pause-waited-for-inside',
    rule: 'I12',
    says: 'A pause that is longer than the claim holds up the whole batch.',
    patches: [
      {
        file: RECORD_CHANGES,
        find: 'if (pauseMs > claimLeftMs) {',
        replace: 'if (false) {',
      },
    ],
    killedBy: { scenario: 'a pause longer than the claim is waited for outside' },
  },
  {
    id: 'attempts-without-end',
    rule: 'I6',
    says: 'A write that always fails for a passing reason is tried for ever within its orchestration.',
    patches: [
      { file: 'shared/core/fault/retry-policy.ts', find: 'ATTEMPTS_MAX = 6;', replace: 'ATTEMPTS_MAX = Infinity;' },
      {
        file: 'shared/core/fault/retry-policy.ts',
        find: 'WAITED_MAX_MS = 300_000;',
        replace: 'WAITED_MAX_MS = Infinity;',
      },
      { file: 'shared/pipeline/sync-changes.ts', find: 'ROUNDS_MAX = 24;', replace: 'ROUNDS_MAX = 500;' },
    ],
    killedBy: { scenario: 'attempts end' },
  },
];
