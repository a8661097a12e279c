import {
  createMemoryChangeQueue,
  type MemoryChangeQueue,
} from '../../../shared/adapters/memory/memory-change-queue.ts';
import { createMemoryMapStore } from '../../../shared/adapters/memory/memory-map-store.ts';
import { ALWAYS_THERE, createMemorySideBlocks } from '../../../shared/adapters/memory/memory-side-blocks.ts';
import { createMemoryStateStore } from '../../../shared/adapters/memory/memory-state-store.ts';
import type { Change, SyncBatch } from '../../../shared/core/change/change.ts';
import type { Link } from '../../../shared/core/link/link.ts';
import type { PerSide } from '../../../shared/core/record/side.ts';
import { type DispatchDependencies, PIPELINE_SETTINGS } from '../../../shared/pipeline/dependencies.ts';
import { dispatchChanges } from '../../../shared/pipeline/dispatch-changes.ts';
import { handleCommand } from '../../../shared/pipeline/handle-command.ts';
import { releaseDue } from '../../../shared/pipeline/release-parked.ts';
import {
  type SyncAnswer,
  type SyncCommand,
  type SyncReport,
  syncChanges,
} from '../../../shared/pipeline/sync-changes.ts';
import type { ParkedChange } from '../../../shared/ports/state-store.ts';
import type { TelemetryEvent } from '../../../shared/ports/telemetry.ts';
import { aChange } from '../../contracts/state-rows.ts';
import { CUSTOMER_MAP, GROUP_MAP, SIMULATED_MAPS } from '../../simulation/simulated-maps.ts';
import { createMemorySide, type MemorySide } from './memory-side.ts';

const START_MS = 1_767_225_600_000;

/** One turn of an orchestration: what it asked for and what it was told. */
export interface Turn {
  command: SyncCommand;
  answer: SyncAnswer;
}

export interface Run {
  turns: Turn[];
  report: SyncReport;
}

export interface RunOptions {
  owner?: string;
  /** Something that happens just before a command is carried out. */
  before?: (command: SyncCommand) => void | Promise<void>;
  /** The host dies when this command was carried out and before its answer was kept; it is carried out again. */
  dies?: (command: SyncCommand) => boolean;
}

/** The pipeline over stores in memory and two scripted sides, with a clock that only moves when it is told to. */
export interface Pipeline {
  deps: DispatchDependencies;
  sides: PerSide<MemorySide>;
  queue: MemoryChangeQueue;
  telemetry: TelemetryEvent[];
  /** Batches that dispatch started. */
  started: { id: string; batch: SyncBatch }[];
  now(): number;
  pass(delayMs: number): void;
  run(changes: readonly Change[], options?: RunOptions): Promise<Run>;
  /** Dispatches and synchronises until the queue is empty. */
  drain(): Promise<void>;
  /** Lets time pass, then releases what is due and synchronises it. */
  wait(delayMs: number): Promise<void>;
  link(key: string, mapId?: string): Promise<Link | undefined>;
  parked(): Promise<ParkedChange[]>;
}

export async function createPipeline(): Promise<Pipeline> {
  const sides = { finops: createMemorySide('finops'), dataverse: createMemorySide('dataverse') };
  const queue = createMemoryChangeQueue();
  const state = createMemoryStateStore();
  const mapStore = createMemoryMapStore();
  for (const map of SIMULATED_MAPS) await mapStore.install(map, 'running');
  const telemetry: TelemetryEvent[] = [];
  const started: Pipeline['started'] = [];
  const routes = [GROUP_MAP, CUSTOMER_MAP].map((map) => ({ map, finopsPhysicalName: null }));
  let nowMs = START_MS;
  let guids = 0;
  let owners = 0;
  const deps: DispatchDependencies = {
    sides,
    state,
    queue,
    mapStore,
    maps: {
      routes: async () => routes,
      find: async (mapId) => routes.find(({ map }) => map.id === mapId) ?? null,
    },
    orchestrations: {
      start: async (id, batch) => void started.push({ id, batch }),
      countOpen: async () => 0,
    },
    clock: { nowMs: () => nowMs },
    identifiers: {
      guid: () => {
        guids += 1;
        return `guid-${guids}`;
      },
    },
    telemetry: { emit: (event) => void telemetry.push(event) },
    blocks: createMemorySideBlocks(),
    probes: { ...ALWAYS_THERE },
    settings: PIPELINE_SETTINGS,
  };
  const pipeline: Pipeline = {
    deps,
    sides,
    queue,
    telemetry,
    started,
    now: () => nowMs,
    pass: (delayMs) => {
      nowMs += delayMs;
    },
    run: async (changes, options = {}) => {
      owners += 1;
      const mapId = changes[0]?.mapId ?? '';
      return runBatch(pipeline, { mapId, changes }, { owner: `run-${owners}`, ...options });
    },
    drain: async () => {
      while (queue.length > 0) {
        await dispatchChanges(
          deps,
          queue.take(100).map(({ body }) => body),
        );
        for (const { batch } of started.splice(0)) await pipeline.run(batch.changes);
      }
    },
    wait: async (delayMs) => {
      nowMs += delayMs;
      await releaseDue(deps);
      await pipeline.drain();
    },
    link: async (key, mapId = 'customers') => (await state.loadLinks(mapId, [key])).get(key)?.link,
    parked: async () => (await state.listParked({ limit: 1_000 })).map((stored) => stored.parked),
  };
  return pipeline;
}

async function runBatch(pipeline: Pipeline, batch: SyncBatch, options: RunOptions): Promise<Run> {
  const generator = syncChanges(travelled(batch), options.owner ?? 'run');
  const turns: Turn[] = [];
  let step = generator.next();
  while (step.done !== true) {
    const command = travelled(step.value);
    await options.before?.(command);
    let answer: SyncAnswer = { kind: 'waited' };
    if (command.kind === 'wait') pipeline.pass(command.delayMs);
    else {
      answer = await handleCommand(pipeline.deps, command);
      if (options.dies?.(command) === true) answer = await handleCommand(pipeline.deps, command);
    }
    turns.push({ command, answer: travelled(answer) });
    step = generator.next(travelled(answer));
  }
  return { turns, report: step.value };
}

/** As it comes out of the durable history. */
function travelled<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** A hint about a customer of company usmf. */
export function customerChange(account: string, more: Partial<Change> = {}): Change {
  return aChange('customers', `usmf|${account}`, { sinceMs: START_MS, ...more });
}

export function groupChange(group: string, more: Partial<Change> = {}): Change {
  return aChange('groups', group, { sinceMs: START_MS, ...more });
}

/** A customer row as F&O holds it. */
export function finopsCustomer(
  account: string,
  more: Record<string, string | null> = {},
): Record<string, string | null> {
  return { Account: account, dataAreaId: 'usmf', Kind: 'organization', Name: `Name of ${account}`, ...more };
}

/** A pipeline with customers that both sides hold and that are linked; their row ids by account. */
export async function linkedCustomers(
  accounts: readonly string[],
): Promise<{ pipeline: Pipeline; ids: Record<string, { finops: string; dataverse: string }> }> {
  const pipeline = await createPipeline();
  const finops = accounts.map((account) => pipeline.sides.finops.put('Customers', finopsCustomer(account)));
  await pipeline.run(accounts.map((account) => customerChange(account)));
  const ids: Record<string, { finops: string; dataverse: string }> = {};
  accounts.forEach((account, index) => {
    const dataverse = pipeline.sides.dataverse.find('customer', 'number', account)?.id ?? '';
    ids[account] = { finops: finops[index] ?? '', dataverse };
  });
  for (const side of [pipeline.sides.finops, pipeline.sides.dataverse]) {
    side.calls.length = 0;
    side.written.length = 0;
  }
  pipeline.telemetry.length = 0;
  return { pipeline, ids };
}
