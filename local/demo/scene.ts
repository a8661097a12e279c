import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../ports.ts';
import { type Stack, startStack } from '../stack.ts';
import { type AppEvents, gatherAppEvents } from './app-events.ts';
import { type ObservedWrites, observeWrites } from './observed-writes.ts';
import { type People, peopleAt } from './people.ts';

/** A whole embedded stack of its own, with people at both systems and eyes on the app. */
export interface Scene {
  stack: Stack;
  people: People;
  /** Writes since the start. */
  writes: ObservedWrites;
  /** What the app reported since the start. */
  events: AppEvents;
  /** Where the stack keeps its state until it is closed. */
  stateDirectory: string;
  /** Lines of the app's log that are no reports, the last hundred. */
  log: readonly string[];
  /** Stops everything and removes the folder; calling it again changes nothing. */
  close(): Promise<void>;
}

const LOG_LINES_MAX = 100;

/** Starts a stack on free ports, in a new temporary folder, of the source or of a built package. Rejects when a part of it does not start. */
export async function openScene(options: {
  customers: number;
  packageDirectory?: string | undefined;
  directEvents?: boolean;
}): Promise<Scene> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'twinwrite-'));
  const log: string[] = [];
  const events = gatherAppEvents((line) => {
    log.push(line);
    if (log.length > LOG_LINES_MAX) log.shift();
  });
  const forget = (): void => rmSync(stateDirectory, { recursive: true, force: true, maxRetries: 5 });
  try {
    const stack = await startStack({
      ports: await freePorts(),
      root: join(import.meta.dirname, '../..'),
      packageDirectory: options.packageDirectory,
      directEvents: options.directEvents ?? false,
      stateDirectory,
      reset: true,
      customers: options.customers,
      hostLog: events.read,
      say: () => {},
    });
    let closing: Promise<void> | undefined;
    return {
      stack,
      people: peopleAt(stack.simulators.url),
      writes: observeWrites(stack.simulators),
      events,
      stateDirectory,
      log,
      close: () => {
        closing ??= stack.stop().finally(forget);
        return closing;
      },
    };
  } catch (error) {
    forget();
    throw error;
  }
}
