import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCH_CHANGES_MAX, type Change, type SyncBatch } from '../../../shared/core/change/change.ts';
import { ATTEMPTS_MAX } from '../../../shared/core/fault/retry-policy.ts';
import {
  claimEtags,
  ROUNDS_MAX,
  type SyncAnswer,
  type SyncCommand,
  type SyncReport,
  syncChanges,
} from '../../../shared/pipeline/sync-changes.ts';
import { aChange } from '../../contracts/state-rows.ts';
import type { Turn } from './pipeline-fixture.ts';

const TRANSCRIPTS = join(import.meta.dirname, '../../fixtures/transcripts');

function changes(count: number): Change[] {
  return Array.from({ length: count }, (_, index) => aChange('customers', `usmf|c${index}`));
}

/** Drives the generator with an answerer; what it asked for and what it reported. */
function drive(batch: SyncBatch, answer: (command: SyncCommand, turn: number) => SyncAnswer) {
  const generator = syncChanges(batch, 'owner');
  const commands: SyncCommand[] = [];
  let step = generator.next();
  while (step.done !== true) {
    commands.push(step.value);
    step = generator.next(answer(step.value, commands.length));
  }
  return { commands, report: step.value };
}

/** Everything goes well: all that is planned is claimed, written and recorded. */
function happy(command: SyncCommand): SyncAnswer {
  switch (command.kind) {
    case 'plan': {
      const claimed = command.changes.map((change) => ({ key: change.key ?? '', etag: 'e', change, again: false }));
      return { kind: 'planned', claimed, again: [], waitMs: 0, settled: 0 };
    }
    case 'write':
      return { kind: 'written', records: command.records.map((record) => ({ ...record, results: {} })) };
    case 'record':
      return { kind: 'recorded', again: [], waitMs: 0, recorded: command.records.length };
    case 'park':
      return { kind: 'parked' };
    case 'wait':
      return { kind: 'waited' };
  }
}

describe('syncChanges', () => {
  it.each([1, BATCH_CHANGES_MAX])('takes three effects for a batch of %i', (count) => {
    const { commands, report } = drive({ mapId: 'customers', changes: changes(count) }, happy);
    expect(commands.map(({ kind }) => kind)).toEqual(['plan', 'write', 'record']);
    expect(report).toEqual({ settled: 0, recorded: count, parked: 0 });
  });

  it('takes one effect for a batch in which nothing has to be written', () => {
    const { commands, report } = drive({ mapId: 'customers', changes: changes(3) }, () => ({
      kind: 'planned',
      claimed: [],
      again: [],
      waitMs: 0,
      settled: 3,
    }));
    expect(commands.map(({ kind }) => kind)).toEqual(['plan']);
    expect(report).toEqual({ settled: 3, recorded: 0, parked: 0 });
  });

  it('does nothing for an empty batch', () => {
    expect(drive({ mapId: 'customers', changes: [] }, happy).commands).toEqual([]);
  });

  it('I6: waits as long as the slowest asks before it plans again what is left', () => {
    const { commands } = drive({ mapId: 'customers', changes: changes(2) }, (command, turn) => {
      if (command.kind === 'plan' && turn === 1) {
        const [first, second] = command.changes;
        const claimed = [{ key: 'k', etag: 'e', change: first!, again: false }];
        return { kind: 'planned', claimed, again: [second!], waitMs: 400, settled: 0 };
      }
      if (command.kind === 'record' && turn === 3) {
        return { kind: 'recorded', again: [command.records[0]!.change], waitMs: 9_000, recorded: 0 };
      }
      return happy(command);
    });
    expect(commands.map(({ kind }) => kind)).toEqual(['plan', 'write', 'record', 'wait', 'plan', 'write', 'record']);
    expect(commands[3]).toEqual({ kind: 'wait', delayMs: 9_000 });
    const second = commands[4];
    expect(second?.kind === 'plan' ? second.changes : []).toHaveLength(2);
  });

  it('I6: parks a change whose attempts are used up, and goes on with the others', () => {
    const [tired, fresh] = changes(2);
    const batch = { mapId: 'customers', changes: [{ ...tired!, attempts: ATTEMPTS_MAX }, fresh!] };
    const { commands, report } = drive(batch, happy);
    expect(commands.map(({ kind }) => kind)).toEqual(['park', 'plan', 'write', 'record']);
    expect(commands[0]).toMatchObject({ changes: [{ key: tired!.key }] });
    expect(commands[1]).toMatchObject({ changes: [{ key: fresh!.key }] });
    expect(report).toEqual({ settled: 0, recorded: 1, parked: 1 });
  });

  it('I6: waits for five minutes in all; what has to wait longer is parked until then', () => {
    const again = (command: SyncCommand): SyncAnswer =>
      command.kind === 'plan'
        ? { kind: 'planned', claimed: [], again: command.changes, waitMs: 120_000, settled: 0 }
        : happy(command);
    const { commands, report } = drive({ mapId: 'customers', changes: changes(2) }, again);
    expect(commands.map(({ kind }) => kind)).toEqual(['plan', 'wait', 'plan', 'wait', 'plan', 'park']);
    expect(commands.at(-1)).toMatchObject({ changes: [{}, {}], restMs: 120_000 });
    expect(report.parked).toBe(2);
  });

  it('I6: ends after a bounded number of rounds, whatever it is told', () => {
    const again = (command: SyncCommand): SyncAnswer =>
      command.kind === 'plan'
        ? { kind: 'planned', claimed: [], again: command.changes, waitMs: 400, settled: 0 }
        : happy(command);
    const { commands, report } = drive({ mapId: 'customers', changes: changes(2) }, again);
    expect(commands.filter(({ kind }) => kind === 'plan')).toHaveLength(ROUNDS_MAX);
    expect(commands.at(-1)?.kind).toBe('park');
    expect(report.parked).toBe(2);
  });

  it('I8: asks for the same things when it is told the same, whatever that is', () => {
    const told = fc.record({ claimed: fc.nat(3), again: fc.nat(3), waitMs: fc.nat(60_000), attempts: fc.nat(7) });
    fc.assert(
      fc.property(fc.array(told, { minLength: 1, maxLength: 30 }), (answers) => {
        const answer = (command: SyncCommand, turn: number): SyncAnswer => {
          const { claimed, again, waitMs, attempts } = answers[turn % answers.length]!;
          if (command.kind !== 'plan') return happy(command);
          const planned = happy({ ...command, changes: command.changes.slice(0, claimed) });
          const left = command.changes.slice(claimed, claimed + again).map((change) => ({ ...change, attempts }));
          return planned.kind === 'planned' ? { ...planned, again: left, waitMs } : planned;
        };
        const batch = { mapId: 'customers', changes: changes(5) };
        const first = drive(batch, answer);
        expect(drive(batch, answer)).toEqual(first);
        expect(first.commands.length).toBeLessThanOrEqual(5 * ROUNDS_MAX + 1);
      }),
    );
  });

  it('refuses an answer to another question', () => {
    const generator = syncChanges({ mapId: 'customers', changes: changes(1) }, 'owner');
    generator.next();
    expect(() => generator.next({ kind: 'waited' })).toThrow(TypeError);
  });

  it('hands on the etag under which each record was claimed', () => {
    const [change] = changes(1);
    expect(claimEtags([{ key: 'k', etag: 'e7', change: change!, again: false }])).toEqual(new Map([['k', 'e7']]));
  });
});

interface Transcript {
  batch: SyncBatch;
  owner: string;
  turns: Turn[];
  report: SyncReport;
}

describe('recorded orchestrations', () => {
  const files = globSync('*.json', { cwd: TRANSCRIPTS }).sort();

  it('cover waiting, parking and planning again', () => {
    const kinds = files.flatMap((file) => transcript(file).turns.map(({ command }) => command.kind));
    expect(new Set(kinds)).toEqual(new Set(['plan', 'write', 'record', 'park', 'wait']));
    expect(files.length).toBeGreaterThanOrEqual(5);
  });

  it.each(files)('I8: %s asks for the same things when it is told the same', (file) => {
    const { batch, owner, turns, report } = transcript(file);
    const generator = syncChanges(batch, owner);
    let step = generator.next();
    for (const { command, answer } of turns) {
      expect(JSON.parse(JSON.stringify(step.value))).toEqual(command);
      step = generator.next(answer);
    }
    expect(step).toEqual({ done: true, value: report });
  });
});

function transcript(file: string): Transcript {
  return JSON.parse(readFileSync(join(TRANSCRIPTS, file), 'utf8')) as Transcript;
}
