import { advanceLink } from '../../../../shared/core/link/advance-link.ts';
import { half, type IntendedWrite } from '../../../../shared/core/link/link.ts';
import type { Row, RowState } from '../../../../shared/core/record/row.ts';
import { otherSide, type PerSide, SIDES, type Side } from '../../../../shared/core/record/side.ts';
import { writtenValues } from '../../../../shared/core/write/intended-writes.ts';
import { type PlanInput, planRecord, type RecordPlan } from '../../../../shared/core/write/plan-record.ts';
import type { WriteResult } from '../../../../shared/core/write/write-result.ts';
import { aRow, deleted } from '../small-world.ts';
import { agreed, flows, held, type World } from './every-plan.ts';

export type Plan = Exclude<RecordPlan, { kind: 'busy' }>;

/** What every plan in every world must obey; each law gives the complaints that it has. */
export const LAWS: Readonly<Record<string, (world: World, plan: Plan, input: PlanInput) => string[]>> = {
  'R2: writes only what the row does not hold': (world, plan) =>
    updates(plan).flatMap(({ side, write }) =>
      Object.entries(write.pairs)
        .filter(([field, pair]) => half(pair, side) === held(world, side, field))
        .map(([field]) => `${side}.${field} holds it already`),
    ),

  'R2: carries nothing from a side that is as it was agreed': (world, plan) =>
    updates(plan).flatMap(({ side, write }) => {
      const from = otherSide(side);
      const idle = Object.keys(write.pairs).filter((field) => held(world, from, field) === agreed(world, from, field));
      return idle.map((field) => `${field} did not change in ${from}`);
    }),

  'R11: writes under the version that was read, and only inserts without one': (_world, plan, input) =>
    writesOf(plan).flatMap(({ side, write }) => {
      if (write.operation === 'insert') return write.ifMatch === null ? [] : ['an insert has a condition'];
      const state = input.rows[side];
      const row = state.state === 'in' ? state.row : null;
      const bound = row !== null && write.ifMatch === row.version && write.rowId === row.id;
      return bound ? [] : [`${write.operation} of ${side} is not bound to the row that was read`];
    }),

  'R12: never lets a one-way field flow back': (world, plan, input) =>
    writesOf(plan).flatMap(({ side, write }) => {
      const told = Object.keys(writtenValues(input.map, side, write)).map((column) => column.toLowerCase());
      return told.filter((field) => !flows(world, otherSide(side), field)).map((field) => `${field} flowed to ${side}`);
    }),

  'I5: records every value that it overwrites and that the other side never had': (world, plan) =>
    updates(plan).flatMap(({ side, write }) =>
      Object.keys(write.pairs)
        .filter((field) => held(world, side, field) !== (agreed(world, side, field) ?? null))
        .filter(
          (field) =>
            !plan.conflicts.some((each) => each.field === field && each.loserValue === held(world, side, field)),
        )
        .map((field) => `${side}.${field} is lost`),
    ),

  'R5: deletes only what is as it was agreed, when the other row is proven to be deleted': (world, plan) =>
    writesOf(plan)
      .filter(({ write }) => write.operation === 'delete')
      .flatMap(({ side }) => {
        const proven = world.base !== null && world.facts[otherSide(side)].is === 'proven';
        const changed = ['a', 'b'].some(
          (field) => flows(world, side, field) && held(world, side, field) !== agreed(world, side, field),
        );
        return proven && !changed ? [] : [`${side} was deleted`];
      }),

  'R3: writes nothing to a row outside the filter, and creates nothing over it': (world, plan) =>
    writesOf(plan).flatMap(({ side }) => (world.facts[side].is === 'outside' ? [`${side} was written`] : [])),

  'I13: brings back a row that was linked only with a conflict that says so': (world, plan) =>
    writesOf(plan)
      .filter(({ write }) => write.operation === 'insert' && world.base !== null)
      .flatMap(({ side }) => {
        const told = plan.conflicts.some((each) => each.rule === 'update-beats-delete');
        return told && world.facts[side].is === 'proven' ? [] : [`${side} came back`];
      }),

  'R5: makes a record wait when a linked row is absent without proof': (world, plan) => {
    const unproven = SIDES.some(
      (side) => world.facts[side].is === 'unproven' && world.facts[otherSide(side)].is === 'in',
    );
    if (world.base === null || !unproven) return [];
    return plan.wait?.reason === 'absence-unproven' && plan.kind === 'settled' ? [] : ['it did not wait'];
  },

  'R4: saves nothing and writes nothing when it is asked again': (_world, plan, input) => {
    const again = afterwards(plan, input);
    if (again.kind === 'busy') return ['it is busy'];
    if (again.kind === 'write') return [`it writes ${JSON.stringify(again.link.intent?.writes)}`];
    // A deletion of what has no rows moves the link each time, so that an older read loses its claim.
    const may = again.link === null || again.outcome === 'gone' || again.outcome === 'deleted';
    const complaints = may ? [] : [`it saves ${JSON.stringify(again.link)}`];
    return again.conflicts.length === 0 ? complaints : [...complaints, 'it records conflicts twice'];
  },

  'I1: leaves both sides equal, or as agreed, or waiting for a person': (world, plan, input) => {
    const { rows, link } = carriedOut(plan, input);
    if (rows.finops.state !== 'in' || rows.dataverse.state !== 'in') return [];
    const left = rows.finops.row.values;
    const right = rows.dataverse.row.values;
    return input.map.fields.flatMap((field) => {
      if (!SIDES.every((side) => flows(world, side, field.id)) || link?.open[field.id] !== undefined) return [];
      const [ours, theirs] = [left[field.finops] ?? null, right[field.dataverse] ?? null];
      const unchanged = agreed(world, 'finops', field.id) === ours && agreed(world, 'dataverse', field.id) === theirs;
      return ours === theirs || unchanged ? [] : [`${field.id} differs: ${ours} and ${theirs}`];
    });
  },
};

interface SideWrite {
  side: Side;
  write: IntendedWrite;
}

function writesOf(plan: Plan): SideWrite[] {
  if (plan.kind !== 'write') return [];
  return SIDES.flatMap((side) => {
    const write = plan.link.intent?.writes[side];
    return write === undefined ? [] : [{ side, write }];
  });
}

function updates(plan: Plan): SideWrite[] {
  return writesOf(plan).filter(({ write }) => write.operation === 'update');
}

/** The same record planned once more, after the first plan was carried out and recorded. */
function afterwards(plan: Plan, input: PlanInput): RecordPlan {
  const { rows, link } = carriedOut(plan, input);
  return planRecord({ ...input, rows, link });
}

interface CarriedOut {
  rows: PerSide<RowState>;
  link: PlanInput['link'];
}

/** Rows and link when every write of the plan was carried out and answered. */
function carriedOut(plan: Plan, input: PlanInput): CarriedOut {
  if (plan.kind === 'settled') return { rows: input.rows, link: plan.link ?? input.link };
  const rows = { ...input.rows };
  const results: Partial<PerSide<WriteResult>> = {};
  for (const { side, write } of writesOf(plan)) {
    rows[side] = written(input, side, write);
    const after = rows[side];
    const row = after.state === 'in' ? after.row : null;
    const differing = row === null ? null : {};
    results[side] = {
      kind: 'done',
      rowId: row?.id ?? null,
      address: row?.id ?? null,
      version: row?.version ?? null,
      differing,
    };
  }
  return { rows, link: advanceLink(input.map, plan.link, results, input.nowMs).link };
}

function written(input: PlanInput, side: Side, write: IntendedWrite): RowState {
  if (write.operation === 'delete') return deleted(side);
  const state = input.rows[side];
  const before: Row = state.state === 'in' ? state.row : aRow(side, null, null);
  const values = { ...before.values, ...writtenValues(input.map, side, write) };
  return { state: 'in', row: { ...before, version: `${side}-3`, values } };
}
