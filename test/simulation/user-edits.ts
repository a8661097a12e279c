import type { CanonicalValue } from '../../shared/core/record/canonical-value.ts';
import { type PerSide, SIDES, type Side } from '../../shared/core/record/side.ts';
import type { Random } from './random.ts';
import type { SimulatedRow, SimulatedSide } from './simulated-side.ts';

interface Columns {
  customers: string;
  groups: string;
  key: string;
  company: string;
  group: string;
  groupKey: string;
  title: string;
  free: readonly string[];
  credit: string;
  kind: string;
  kindValues: readonly [inside: string, outside: string];
}

const COLUMNS: PerSide<Columns> = {
  finops: {
    customers: 'Customers',
    groups: 'Groups',
    key: 'Account',
    company: 'dataAreaId',
    group: 'GroupId',
    groupKey: 'GroupId',
    title: 'Title',
    free: ['Name', 'Phone', 'Memo', 'Rating'],
    credit: 'CreditLimit',
    kind: 'Kind',
    kindValues: ['organization', 'person'],
  },
  dataverse: {
    customers: 'customer',
    groups: 'group',
    key: 'number',
    company: 'company.code',
    group: 'parentgroup.groupid',
    groupKey: 'groupid',
    title: 'title',
    free: ['name', 'phone', 'memo', 'rating'],
    credit: 'credit',
    kind: 'kindcode',
    kindValues: ['3', '4'],
  },
};

const ACCOUNTS = ['c1', 'c2', 'c3', 'c4'];
const GROUPS = ['g1', 'g2', 'g3'];

/** People at work on both sides: they create, change, delete and create again, as each side's rules allow. */
export class UserEdits {
  made = 0;
  private count = 0;
  private readonly sides: PerSide<SimulatedSide>;
  private readonly random: Random;
  private readonly values: Map<string, 'shown' | 'seen'>;

  constructor(sides: PerSide<SimulatedSide>, random: Random, values: Map<string, 'shown' | 'seen'>) {
    this.sides = sides;
    this.random = random;
    this.values = values;
  }

  /** Some rows exist before the first edit. */
  prepare(): void {
    for (let index = 0; index < 4; index += 1) this.create(this.random.pick(SIDES));
  }

  makeOne(): void {
    this.made += 1;
    const side = this.random.pick(SIDES);
    const choice = this.random.next();
    if (choice < 0.55) this.change(side);
    else if (choice < 0.8) this.create(side);
    else if (choice < 0.95) this.remove(side);
    else this.changeGroup(side);
  }

  private change(side: Side): void {
    const columns = COLUMNS[side];
    const row = this.pickRow(side, columns.customers);
    if (row === undefined) {
      this.create(side);
      return;
    }
    const values: Record<string, CanonicalValue> = {};
    for (const column of columns.free) {
      if (this.random.chance(0.35)) values[column] = this.random.chance(0.1) ? null : this.newValue();
    }
    if (this.random.chance(0.2)) values[columns.credit] = this.newAmount();
    if (this.random.chance(0.1)) values[columns.group] = this.knownGroup(side);
    if (this.random.chance(0.04)) values[columns.kind] = this.random.pick(columns.kindValues);
    if (Object.keys(values).length === 0) values[columns.free[0] ?? ''] = this.newValue();
    this.sides[side].update(row, values, false);
  }

  private changeGroup(side: Side): void {
    const columns = COLUMNS[side];
    const row = this.pickRow(side, columns.groups);
    if (row === undefined) {
      this.createGroup(side);
      return;
    }
    this.sides[side].update(row, { [columns.title]: this.newValue() }, false);
  }

  private create(side: Side): void {
    if (this.random.chance(0.3)) {
      this.createGroup(side);
      return;
    }
    const columns = COLUMNS[side];
    const account = this.random.pick(ACCOUNTS);
    const company = this.random.pick(['usmf', 'demf']);
    const taken = this.rowsOf(side, columns.customers).some(
      (row) => row.values[columns.key] === account && row.values[columns.company] === company,
    );
    if (taken) return;
    const values: Record<string, CanonicalValue> = {
      [columns.key]: account,
      [columns.company]: company,
      [columns.kind]: columns.kindValues[0],
      [columns.group]: this.random.chance(0.6) ? this.knownGroup(side) : null,
      [columns.credit]: this.random.chance(0.5) ? this.newAmount() : null,
    };
    for (const column of columns.free) if (this.random.chance(0.6)) values[column] = this.newValue();
    this.sides[side].insert(columns.customers, null, values, false);
  }

  private createGroup(side: Side): void {
    const columns = COLUMNS[side];
    const group = this.random.pick(GROUPS);
    if (this.rowsOf(side, columns.groups).some((row) => row.values[columns.groupKey] === group)) return;
    this.sides[side].insert(
      columns.groups,
      null,
      { [columns.groupKey]: group, [columns.title]: this.newValue() },
      false,
    );
  }

  private remove(side: Side): void {
    const columns = COLUMNS[side];
    const row = this.pickRow(side, this.random.chance(0.8) ? columns.customers : columns.groups);
    if (row === undefined || this.sides[side].isReferenced(row)) return;
    this.sides[side].remove(row, false);
  }

  private rowsOf(side: Side, table: string): SimulatedRow[] {
    return [...this.sides[side].rows.values()].filter((row) => row.table === table);
  }

  private pickRow(side: Side, table: string): SimulatedRow | undefined {
    const rows = this.rowsOf(side, table);
    return rows.length === 0 ? undefined : this.random.pick(rows);
  }

  private knownGroup(side: Side): string | null {
    const row = this.pickRow(side, COLUMNS[side].groups);
    return row?.values[COLUMNS[side].groupKey] ?? null;
  }

  /** Every value is written once in a history, so that each can be followed to its end. */
  private newValue(): string {
    this.count += 1;
    const value = `v${this.count}`;
    this.values.set(value, 'shown');
    return value;
  }

  private newAmount(): string {
    this.count += 1;
    const value = `${this.count}.25`;
    this.values.set(value, 'shown');
    return value;
  }
}
