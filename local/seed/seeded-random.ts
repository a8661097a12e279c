/** Repeatable randomness for the seed: the same seed gives the same draws on every machine. */
export interface SeededRandom {
  /** At least 0, less than 1. */
  fraction(): number;
  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number;
  /** True in about `share` of the draws; `share` runs from 0 to 1. */
  chance(share: number): boolean;
  /** One entry of a list that has at least one. */
  pick<T>(list: readonly T[]): T;
}

/** A 32-bit generator (the "mulberry32" recurrence): small, quick, and no concern of security. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (from: number, to: number): number => from + Math.floor(fraction() * (to - from + 1));
  return {
    fraction,
    whole,
    chance: (share) => fraction() < share,
    pick: (list) => {
      const entry = list[whole(0, list.length - 1)];
      if (entry === undefined) throw new RangeError('cannot pick from an empty list');
      return entry;
    },
  };
}
