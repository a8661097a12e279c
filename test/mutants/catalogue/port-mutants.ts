import type { Mutant } from '../mutant.ts';

const SIDE = 'test/simulation/simulated-side.ts';
const HOST = 'test/simulation/simulated-host.ts';

/** Defects of what the engine stands on: the same engine, on ports that are built as many build them. */
export const PORT_MUTANTS: readonly Mutant[] = [
  {
    id: 'insert-done-as-upsert',
    rule: 'R11',
    says: 'An insert over a key that exists changes the row that is there.',
    patches: [
      {
        file: SIDE,
        find: "if (row !== undefined || this.findByKey(map, write.key) !== undefined) return fault('exists', 'TW202');",
        replace: 'return null;',
      },
      {
        file: SIDE,
        find: "const existing = write.operation === 'insert' ? undefined : this.rowOf(map, write.rowId);",
        replace: 'const existing = this.rowOf(map, write.rowId) ?? this.findByKey(map, write.key);',
      },
    ],
    killedBy: { seedsMax: 300 },
  },
  {
    id: 'echo-known-by-user',
    rule: 'R2',
    says: 'Whatever our own user did raises no event, so that what a server made of it is not heard of.',
    patches: [
      {
        file: 'test/simulation/event-feed.ts',
        find: "if (own && side === 'dataverse' && !random.chance(rates.echo)) return;",
        replace: 'if (own) return;',
      },
    ],
    killedBy: { seedsMax: 300 },
  },
  {
    id: 'completed-before-started',
    rule: 'I9',
    says: 'A message leaves the queue before its orchestration is durably started.',
    patches: [
      {
        file: HOST,
        find: '      for (const message of messages) this.queue.splice(this.queue.indexOf(message), 1);\n',
        replace: '',
      },
      {
        file: HOST,
        find: "    await scheduler.step('dispatch');\n",
        replace:
          "    for (const message of messages) this.queue.splice(this.queue.indexOf(message), 1);\n    await scheduler.step('dispatch');\n",
      },
    ],
    killedBy: { seedsMax: 300 },
  },
];
