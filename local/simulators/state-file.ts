import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The saved state of both systems. */
export interface SavedState {
  dataverse: unknown;
  finops: unknown;
}

/** Keeps the state of the simulators in one file. */
export interface StateFile {
  /** The saved state, or undefined when there is none. Rejects when the file is damaged. */
  load(): Promise<SavedState | undefined>;
  /** Something changed: the next tick of the timer saves. */
  touch(): void;
  /** Saves now, if anything changed, and stops the timer. */
  close(): Promise<void>;
}

const saveEveryMs = 2000;

/** A state file at a path; `collect` is asked for the state when it is time to save. */
export function createStateFile(path: string, collect: () => SavedState): StateFile {
  let changed = false;
  let resting = 0;
  let saving: Promise<void> = Promise.resolve();
  const save = async (): Promise<void> => {
    if (!changed) return;
    changed = false;
    const begin = performance.now();
    await mkdir(dirname(path), { recursive: true });
    // Written beside and renamed, so that a kill in the middle leaves the old state whole.
    await writeFile(`${path}.new`, JSON.stringify(collect()));
    await rename(`${path}.new`, path);
    // Saving a large state takes a while: at most a twentieth of the time goes into it.
    resting = Math.ceil(((performance.now() - begin) * 20) / saveEveryMs);
  };
  const queueSave = (): Promise<void> => {
    saving = saving.then(save).catch((error: unknown) => {
      changed = true;
      console.error(`The state of the simulators could not be saved: ${String(error)}`);
    });
    return saving;
  };
  const timer = setInterval(() => {
    resting -= 1;
    if (resting < 0) void queueSave();
  }, saveEveryMs);
  timer.unref();
  return {
    load: async () => {
      try {
        return JSON.parse(await readFile(path, 'utf8')) as SavedState;
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    touch: () => {
      changed = true;
    },
    close: async () => {
      clearInterval(timer);
      await queueSave();
    },
  };
}
