import type { BasePair, Link } from '../../../../shared/core/link/link.ts';
import { half } from '../../../../shared/core/link/link.ts';
import type { SyncDirection } from '../../../../shared/core/map/table-map.ts';
import { CONFLICT_POLICIES, type ConflictPolicy } from '../../../../shared/core/map/table-map.ts';
import type { CanonicalValue } from '../../../../shared/core/record/canonical-value.ts';
import type { RowState } from '../../../../shared/core/record/row.ts';
import { otherSide, type Side } from '../../../../shared/core/record/side.ts';
import type { PlanInput } from '../../../../shared/core/write/plan-record.ts';
import { ABSENT, aRow, deleted, KEY, linkOf, planInput, rowIn, smallMap, valuesOn } from '../small-world.ts';

const VALUES: readonly CanonicalValue[] = [null, 'x', 'y'];

/** A side, told without naming which: presence, and the values of both fields. */
type SideFacts = { is: 'unproven' | 'proven' | 'outside' } | { is: 'in'; a: CanonicalValue; b: CanonicalValue };

/** A small world, told so that it can be mirrored: `near` and `far` are the two sides. */
export interface World {
  facts: Record<Side, SideFacts>;
  /** Null where the record was never linked. */
  base: { a: BasePair; b: BasePair } | null;
  policy: ConflictPolicy;
  master: Side;
  directions: readonly [SyncDirection, SyncDirection];
  source: Side;
  /** The side whose row was changed last. */
  newest: Side;
}

const FACTS: readonly SideFacts[] = [
  { is: 'unproven' },
  { is: 'proven' },
  { is: 'outside' },
  ...VALUES.flatMap((a) => VALUES.map((b): SideFacts => ({ is: 'in', a, b }))),
];

/** Agreed pairs, and two where a server changed what it was sent. */
const PAIRS: readonly BasePair[] = [
  [null, null],
  ['x', 'x'],
  ['y', 'y'],
  ['x', 'y'],
  [null, 'x'],
];
const BASES: readonly World['base'][] = [null, ...PAIRS.flatMap((a) => PAIRS.map((b) => ({ a, b })))];

const DIRECTIONS: readonly (readonly [SyncDirection, SyncDirection])[] = [
  ['both', 'both'],
  ['finops-to-dataverse', 'both'],
  ['dataverse-to-finops', 'both'],
];

/** Every world there is, with two-way fields under every policy, and with a one-way field under two of them. */
export function* everyWorld(): Generator<World> {
  for (const directions of DIRECTIONS) {
    const policies = directions[0] === 'both' ? CONFLICT_POLICIES : (['dataverse-wins', 'manual'] as const);
    for (const policy of policies) yield* worldsOf(directions, policy);
  }
}

function* worldsOf(directions: World['directions'], policy: ConflictPolicy): Generator<World> {
  // Which side is master or source matters in turns only; both are covered evenly.
  let turn = 0;
  for (const finops of FACTS) {
    for (const dataverse of FACTS) {
      for (const base of BASES) {
        turn += 1;
        const master = turn % 2 === 0 ? 'finops' : 'dataverse';
        const source = turn % 3 === 0 ? 'dataverse' : 'finops';
        const newest = turn % 5 < 2 ? 'dataverse' : 'finops';
        yield { facts: { finops, dataverse }, base, policy, master, directions, source, newest };
      }
    }
  }
}

const maps = new Map<string, ReturnType<typeof smallMap>>();

/** The plan's input in that world. */
export function inputOf(world: World): PlanInput {
  const { policy, master, directions, base, source } = world;
  const name = [policy, master, ...directions].join();
  const map = maps.get(name) ?? smallMap({ policy, master, directions });
  maps.set(name, map);
  const link: Link | null = base === null ? null : linkOf(base.a, base.b);
  const rows = { finops: stateOf(world, 'finops'), dataverse: stateOf(world, 'dataverse') };
  return planInput(rows, { map, link, source });
}

function stateOf(world: World, side: Side): RowState {
  const facts = world.facts[side];
  switch (facts.is) {
    case 'unproven':
      return ABSENT;
    case 'proven':
      return deleted(side);
    case 'outside':
      return { state: 'outside', row: aRow(side, 'x', 'y', { values: valuesOn(side, 'x', 'y', 'out') }) };
    case 'in':
      return rowIn(side, facts.a, facts.b, { modifiedAt: `2026-01-0${side === world.newest ? 2 : 1}T00:00:00Z` });
  }
}

/** The same world seen in a mirror: what F&O was is Dataverse, and the other way round. */
export function mirrored(world: World): World {
  const policies: Record<ConflictPolicy, ConflictPolicy> = {
    'finops-wins': 'dataverse-wins',
    'dataverse-wins': 'finops-wins',
    'newest-wins': 'newest-wins',
    'source-wins': 'source-wins',
    manual: 'manual',
  };
  const directions: Record<SyncDirection, SyncDirection> = {
    both: 'both',
    'finops-to-dataverse': 'dataverse-to-finops',
    'dataverse-to-finops': 'finops-to-dataverse',
  };
  const { facts, base, policy, master, source } = world;
  return {
    facts: { finops: facts.dataverse, dataverse: facts.finops },
    base: base === null ? null : { a: swapped(base.a), b: swapped(base.b) },
    policy: policies[policy],
    master: otherSide(master),
    directions: [directions[world.directions[0]], directions[world.directions[1]]],
    source: otherSide(source),
    newest: otherSide(world.newest),
  };
}

function swapped(pair: BasePair): BasePair {
  return [pair[1], pair[0]];
}

/** What the side holds in a field; undefined where it has no row in the map. */
export function held(world: World, side: Side, field: string): CanonicalValue | undefined {
  const facts = world.facts[side];
  if (facts.is !== 'in') return undefined;
  return field === 'a' ? facts.a : field === 'b' ? facts.b : KEY;
}

/** What the side held in a field when both last agreed; undefined where they never did. */
export function agreed(world: World, side: Side, field: string): CanonicalValue | undefined {
  if (world.base === null) return undefined;
  return field === 'key' ? KEY : half(field === 'a' ? world.base.a : world.base.b, side);
}

/** Whether a field may flow from the side to the other. */
export function flows(world: World, from: Side, field: string): boolean {
  const direction = field === 'a' ? world.directions[0] : field === 'b' ? world.directions[1] : 'both';
  return direction === 'both' || direction.startsWith(from);
}
