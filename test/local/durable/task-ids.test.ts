import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Host, startHost } from '../../../local/host/host.ts';

type Plan =
  | { all: Plan[] }
  | { any: Plan[] }
  | { leaf: 'plain' | 'retried' | 'child' | 'timer'; key: string; until: number; delayMs: number };

let host: Host;
beforeAll(async () => {
  host = await startHost({
    appDirectory: `${import.meta.dirname}/apps`,
    entry: 'orchestrations.ts',
    port: 0,
    settings: {},
  });
});
afterAll(() => host.stop());

/** More attempts than the orchestrator allows. */
const NEVER = 99;

/** Numbers in [0, 1) from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Steps of nested waits whose leaves fail a few times, end in any order, or outlive the step that made them. */
function planFrom(seed: number): Plan[] {
  const random = randomFrom(seed);
  const pick = (count: number) => Math.floor(random() * count);
  let keys = 0;
  const leaf = (): Plan => {
    keys += 1;
    const kinds = ['plain', 'retried', 'retried', 'child', 'timer'] as const;
    return { leaf: kinds[pick(5)] ?? 'plain', key: `${seed}-${keys}`, until: 1 + pick(4), delayMs: pick(12) };
  };
  const failing = (): Plan => {
    keys += 1;
    return { leaf: pick(2) === 0 ? 'retried' : 'child', key: `${seed}-${keys}`, until: NEVER, delayMs: pick(6) };
  };
  const tree = (depth: number): Plan => {
    const children = (count: number) => Array.from({ length: count }, () => tree(depth - 1));
    return depth === 0 || random() < 0.3 ? leaf() : { all: children(1 + pick(4)) };
  };
  const step = (): Plan => {
    const chance = random();
    if (chance < 0.3) {
      return { any: [tree(1), failing(), leaf()] };
    }
    return chance < 0.6 ? { all: [tree(1), failing(), failing(), leaf()] } : tree(2);
  };
  return Array.from({ length: 3 + pick(4) }, step);
}

/** What the orchestrator must return for a plan. */
function expectedOf(plan: Plan): unknown {
  if ('leaf' in plan) {
    return plan.leaf === 'timer' ? null : plan.key;
  }
  if ('any' in plan) {
    return 'any';
  }
  const fails = plan.all.some((child) => 'leaf' in child && child.until === NEVER);
  return fails ? 'failed' : plan.all.map(expectedOf);
}

const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

test('every result reaches the task that asked for it, whatever is retried and in which order things end', async () => {
  const base = `http://127.0.0.1:${host.port}/runtime/webhooks/durabletask`;
  const outputs = await Promise.all(
    seeds.map(async (seed) => {
      const body = JSON.stringify(planFrom(seed));
      await fetch(`${base}/orchestrators/plan/plan-${seed}`, { method: 'POST', body });
      for (;;) {
        const response = await fetch(`${base}/instances/plan-${seed}?showInput=false`);
        if (response.status === 200) {
          const { output } = (await response.json()) as { output: unknown };
          return { seed, output };
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }),
  );
  expect(outputs).toEqual(seeds.map((seed) => ({ seed, output: planFrom(seed).map(expectedOf) })));
});
