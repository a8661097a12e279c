import type { Mutant } from '../mutant.ts';

const SIMULATED_SIDE = 'test/simulation/simulated-side.ts';
const SIMULATED_HOST = 'test/simulation/simulated-host.ts';

/** R11, I1, I9, I11: what adapters, queue and ingress owe the pipeline. The ports of the simulation are broken here. */
export const BOUNDARY_MUTANTS: readonly Mutant[] = [
  {
    id: 'insert-as-upsert',
    rule: 'R11',
    says: 'An insert that finds a row with its id or key writes over that row.',
    patches: [
      {
        file: SIMULATED_SIDE,
        find: "if (row !== undefined || taken) return fault('exists', 'TW202');",
        replace: '',
      },
      {
        file: SIMULATED_SIDE,
        find: "const existing = write.operation === 'insert' ? undefined : this.rowOf(map, write.rowId);",
        replace:
          "const existing = this.rowOf(map, write.rowId) ?? (write.operation === 'insert' ? this.findByKey(map, write.key) : undefined);",
      },
    ],
    killedBy: { seedsMax: 300 },
  },
  {
    id: 'stale-version-accepted-after-recreation',
    rule: 'R11',
    says: 'A write on a row that was deleted and created again under its key is carried out on the new row.',
    patches: [
      {
        file: SIMULATED_SIDE,
        find: "} else if (row === undefined) return write.operation === 'delete' ? null : fault('gone', 'TW203');",
        replace:
          "} else if (row === undefined) return write.operation === 'delete' || this.findByKey(map, write.key) ? null : fault('gone', 'TW203');",
      },
      {
        file: SIMULATED_SIDE,
        find: 'const row = this.rowOf(map, write.rowId);\n      if (row !== undefined) this.remove(row, map);',
        replace:
          'const row = this.rowOf(map, write.rowId) ?? this.findByKey(map, write.key);\n      if (row !== undefined) this.remove(row, map);',
      },
      {
        file: SIMULATED_SIDE,
        find: "const existing = write.operation === 'insert' ? undefined : this.rowOf(map, write.rowId);",
        replace:
          "const existing = write.operation === 'insert' ? undefined : (this.rowOf(map, write.rowId) ?? this.findByKey(map, write.key));",
      },
    ],
    killedBy: { seedsMax: 300 },
  },
  {
    id: 'retry-sends-the-old-payload',
    rule: 'I11',
    says: 'A write that met a newer version of its row is sent again as it was, under that version, without a plan.',
    patches: [
      {
        file: 'shared/pipeline/write-changes.ts',
        find: 'sending.map(({ write }) => write),\n  );',
        replace: `sending.map(({ write }) => write),
  );
  for (const [position, answer] of answers.entries()) {
    if (answer.kind !== 'failed' || answer.fault.class !== 'stale') continue;
    const { write } = sending[position];
    const now = await deps.sides[side].readByIds(map, [write.rowId]);
    const row = now.ok ? now.value.get(write.rowId) : undefined;
    if (row !== undefined) [answers[position]] = await deps.sides[side].write(map, [{ ...write, ifMatch: row.version }]);
  }`,
      },
    ],
    killedBy: { seedsMax: 300 },
  },
  {
    id: 'echo-recognised-by-user',
    rule: 'I1',
    says: 'An event is dropped as an echo where our own user was the last to write its row.',
    patches: [
      {
        file: SIMULATED_SIDE,
        find: 'this.options.listener.inserted(',
        replace: 'row.own = by !== null;\n    this.options.listener.inserted(',
      },
      {
        file: SIMULATED_SIDE,
        find: 'this.options.listener.updated(',
        replace: 'row.own = by !== null;\n    this.options.listener.updated(',
      },
      {
        file: SIMULATED_HOST,
        find: 'receive(event: ChangeEvent): void {',
        replace: `receive(event: ChangeEvent): void {
    if (event.kind !== 'delete' && this.options.sides[event.side].rows.get(event.rowId)?.own) return;`,
      },
    ],
    killedBy: { seedsMax: 300 },
  },
  {
    id: 'message-completed-before-its-start',
    rule: 'I9',
    says: 'A message leaves the queue before its orchestration is durably started, so that a crash in between loses it.',
    patches: [
      {
        file: SIMULATED_HOST,
        find: "await scheduler.step('dispatch');\n    try {",
        replace:
          "for (const message of messages) this.queue.splice(this.queue.indexOf(message), 1);\n    await scheduler.step('dispatch');\n    try {",
      },
      {
        file: SIMULATED_HOST,
        find: "await scheduler.step('dispatched');\n      for (const message of messages) this.queue.splice(this.queue.indexOf(message), 1);",
        replace: "await scheduler.step('dispatched');",
      },
    ],
    killedBy: { seedsMax: 300 },
  },
  {
    id: 'tombstone-ignored',
    rule: 'R5',
    says: 'A change of a record that was deleted is applied as if there had never been a link.',
    patches: [
      {
        file: 'shared/pipeline/plan-changes.ts',
        find: 'return new Map([...loaded, ...atHand]);',
        replace: "return new Map([...loaded, ...atHand].filter(([, { link }]) => link.state !== 'tombstone'));",
      },
    ],
    killedBy: { seedsMax: 300 },
  },
];
