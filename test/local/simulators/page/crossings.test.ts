import { describe, expect, it } from 'vitest';

interface Entry {
  kind: string;
  state: string;
  crossedMs: number | null;
  together: boolean;
  writesBack: number;
}
interface Crossings {
  add(change: object): void;
  settle(recordId: string): void;
  entries: Entry[];
  totals(): Record<string, number | null>;
}

// The page is plain JavaScript, so its types are said here.
const source = new URL('../../../../local/simulators/page/crossings.js', import.meta.url).href;
const { createCrossings, writesAcross } = (await import(source)) as {
  createCrossings(): Crossings;
  writesAcross(edit: Entry): number;
};

const person = (side: string, atMs: number, more: object = {}) => ({
  side,
  atMs,
  recordId: 'r',
  byApp: false,
  ...more,
});
const app = (side: string, atMs: number) => ({ side, atMs, recordId: 'r', byApp: true });

function follow(...changes: object[]): Crossings {
  const crossings = createCrossings();
  for (const change of changes) crossings.add(change);
  return crossings;
}

/** State, time and number of writes of each edit, oldest first. */
function outcomes({ entries }: Crossings) {
  return entries
    .filter(({ kind }) => kind === 'edit')
    .reverse()
    .map((edit) => [edit.state, edit.crossedMs, writesAcross(edit) + edit.writesBack]);
}

describe('the crossing of an edit', () => {
  it('takes from the edit to the write on the other side', () => {
    expect(outcomes(follow(person('finops', 0), app('dataverse', 312)))).toEqual([['crossed', 312, 1]]);
  });

  it('counts a write back to where the edit was made, an echo, as a second write', () => {
    const crossings = follow(person('finops', 0), app('dataverse', 300), app('finops', 500));
    expect(outcomes(crossings)).toEqual([['crossed', 300, 2]]);
  });

  it('counts a repeated write on the other side as a second write', () => {
    const crossings = follow(person('finops', 0), app('dataverse', 300), app('dataverse', 500));
    expect(outcomes(crossings)).toEqual([['crossed', 300, 2]]);
  });

  it('carries two quick edits by one write, or by one write each', () => {
    const one = follow(person('finops', 0), person('finops', 100), app('dataverse', 400));
    expect(outcomes(one)).toEqual([
      ['crossed', 400, 0],
      ['crossed', 300, 1],
    ]);
    const each = follow(person('finops', 0), person('finops', 100), app('dataverse', 400), app('dataverse', 700));
    expect(outcomes(each)).toEqual([
      ['crossed', 400, 1],
      ['crossed', 600, 1],
    ]);
  });

  it('goes both ways at once', () => {
    const crossings = follow(person('finops', 0), person('dataverse', 50), app('dataverse', 300), app('finops', 400));
    expect(outcomes(crossings)).toEqual([
      ['crossed', 300, 1],
      ['crossed', 350, 1],
    ]);
  });

  it('is overruled when only the other side of a conflict was carried', () => {
    const crossings = follow(person('finops', 0), person('dataverse', 50), app('dataverse', 300));
    crossings.settle('r');
    expect(outcomes(crossings).map(([state]) => state)).toEqual(['crossed', 'overruled']);
  });

  it('is settled when both sides are equal without a write, and stays where the map leaves it', () => {
    const crossings = follow(person('finops', 0), person('dataverse', 10, { stays: true }));
    crossings.settle('r');
    expect(outcomes(crossings).map(([state]) => state)).toEqual(['settled', 'stays']);
  });
});

describe('the totals', () => {
  it('give median and 95th percentile of the crossings, and count writes that no edit asked for', () => {
    const crossings = createCrossings();
    for (let index = 0; index < 20; index += 1) {
      const recordId = `r${index}`;
      crossings.add({ ...person('finops', index * 10_000), recordId });
      crossings.add({ ...app('dataverse', index * 10_000 + 100 + index), recordId });
    }
    crossings.add({ ...app('finops', 900_000), recordId: 'other' });
    expect(crossings.totals()).toEqual({ edits: 20, waiting: 0, writes: 21, medianMs: 109, p95Ms: 118 });
  });
});
