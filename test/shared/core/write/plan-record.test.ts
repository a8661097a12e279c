import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { planRecord } from '../../../../shared/core/write/plan-record.ts';
import { everyWorld, inputOf, mirrored, type World } from './every-plan.ts';
import { LAWS, type Plan } from './plan-laws.contract.ts';

/** Complaints to show; more of them tell nothing new. */
const SHOWN = 5;

function planOf(world: World): Plan {
  const plan = planRecord(inputOf(world));
  if (plan.kind === 'busy') throw new Error('a record that nobody claimed is busy');
  return plan;
}

describe('planRecord in every small world', () => {
  const worlds = [...everyWorld()].map((world) => ({ world, input: inputOf(world), plan: planOf(world) }));

  it('has worlds of every kind', () => {
    expect(worlds.length).toBe(144 * 26 * 9);
    const kinds = new Set(worlds.map(({ plan }) => (plan.kind === 'write' ? 'write' : plan.outcome)));
    expect([...kinds].sort()).toEqual(['agreed', 'deleted', 'filtered', 'gone', 'unchanged', 'waiting', 'write']);
  });

  it.each(Object.keys(LAWS))('%s', (title) => {
    const complaints: string[] = [];
    for (const { world, input, plan } of worlds) {
      const found = LAWS[title]?.(world, plan, input) ?? ['no such law'];
      if (found.length > 0) complaints.push(`${found.join('; ')} in ${JSON.stringify(world)}`);
    }
    expect({ count: complaints.length, first: complaints.slice(0, SHOWN) }).toEqual({ count: 0, first: [] });
  });

  it('R20: gives the mirrored plan in the mirrored world', () => {
    const complaints: string[] = [];
    for (const { world, plan } of worlds) {
      const [seen, expected] = [comparable(planOf(mirrored(world))), mirrorImage(comparable(plan))];
      if (!isDeepStrictEqual(seen, expected)) complaints.push(JSON.stringify({ world, expected, seen }));
    }
    expect({ count: complaints.length, first: complaints.slice(0, SHOWN) }).toEqual({ count: 0, first: [] });
  });
});

/** The same thing with both sides exchanged: names, and the halves of pairs. */
function mirrorImage(thing: unknown): unknown {
  if (typeof thing === 'string') return thing.replace(/finops|dataverse/g, (name) => NAMES[name] ?? name);
  if (typeof thing !== 'object' || thing === null) return thing;
  if (Array.isArray(thing)) {
    const seen = thing.map(mirrorImage);
    return thing.length === 2 && thing.every((each) => typeof each !== 'object' || each === null)
      ? seen.reverse()
      : seen;
  }
  return Object.fromEntries(Object.entries(thing).map(([name, value]) => [NAMES[name] ?? name, mirrorImage(value)]));
}

const NAMES: Readonly<Record<string, string>> = { finops: 'dataverse', dataverse: 'finops' };

/** Without what is not meant to be alike: messages name one side, and only Dataverse takes a chosen id. */
function comparable(plan: Plan): unknown {
  const wait = plan.wait === null ? null : { ...plan.wait, fault: plan.wait.fault.code };
  if (plan.kind === 'settled' || plan.link.intent === null) return { ...plan, wait };
  const writes: Record<string, unknown> = {};
  for (const [side, write] of Object.entries(plan.link.intent.writes)) {
    writes[side] = write.operation === 'insert' ? { ...write, rowId: null, address: null } : write;
  }
  return { ...plan, wait, link: { ...plan.link, intent: { ...plan.link.intent, writes } } };
}
