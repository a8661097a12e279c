import type { CanonicalValue } from '../../shared/core/record/canonical-value.ts';
import { otherSide, SIDES, type Side } from '../../shared/core/record/side.ts';
import type { HistoryRecord } from './history-record.ts';
import { type Random, seededRandom } from './random.ts';
import type { SimulatedRow, SimulatedSides } from './simulated-side.ts';

/** A table of records with a key in a company; `kinds` are the values inside and outside of a map's filter. */
interface RecordTable {
  side: Side;
  table: string;
  key: string;
  company: string;
  group: string;
  texts: readonly string[];
  amounts: readonly string[];
  kind: string;
  kinds: readonly string[];
}

const CUSTOMERS: RecordTable = {
  side: 'finops',
  table: 'Customers',
  key: 'Account',
  company: 'dataAreaId',
  group: 'GroupId',
  texts: ['Name', 'Phone', 'Memo', 'Rating', 'Nick', 'Note'],
  amounts: ['CreditLimit'],
  kind: 'Kind',
  kinds: ['organization', 'organization', 'person'],
};
const CUSTOMER: RecordTable = {
  side: 'dataverse',
  table: 'customer',
  key: 'number',
  company: 'company.code',
  group: 'parentgroup.groupid',
  texts: ['name', 'phone', 'memo', 'rating'],
  amounts: ['credit'],
  kind: 'kindcode',
  kinds: ['3', '4'],
};
const CONTACT: RecordTable = {
  ...CUSTOMER,
  table: 'contact',
  texts: ['name', 'nick', 'note', 'score'],
  amounts: [],
  kind: 'sellablecode',
  kinds: ['1', '0'],
};
const TABLES = [CUSTOMERS, CUSTOMERS, CUSTOMER, CONTACT];

const GROUP_COLUMNS = {
  finops: { table: 'Groups', key: 'GroupId', title: 'Title' },
  dataverse: { table: 'group', key: 'groupid', title: 'title' },
};
const ACCOUNTS = ['c1', 'c2', 'c3'];
const GROUPS = ['g1', 'g2', 'g3'];

/** People at work on both sides: they create, change, delete and create again, as each side's rules allow. */
export class UserEdits {
  made = 0;
  private count = 0;
  private readonly givenAway = new Set<string>();
  private readonly seed: number;
  private readonly sides: SimulatedSides;
  private readonly record: HistoryRecord;
  private readonly skip: ReadonlySet<number>;
  private readonly renames: boolean;
  private random: Random;

  /** `skip` holds numbers of edits that are left out; with `renames`, keys change at any time. */
  constructor(
    seed: number,
    sides: SimulatedSides,
    record: HistoryRecord,
    { skip = new Set(), renames = false }: { skip?: ReadonlySet<number>; renames?: boolean },
  ) {
    this.renames = renames;
    this.seed = seed;
    this.sides = sides;
    this.record = record;
    this.skip = skip;
    this.random = seededRandom(seed ^ 0x5eed);
  }

  /** Some rows exist before the first edit. */
  prepare(): void {
    for (let index = 0; index < 4; index += 1) this.create(this.random.pick(TABLES));
  }

  /** Each edit is drawn for itself, so that leaving one out leaves the others what they are. */
  makeOne(): void {
    this.made += 1;
    if (this.skip.has(this.made)) return;
    this.random = seededRandom(this.seed * 1_000 + this.made);
    const table = this.random.pick(TABLES);
    const choice = this.random.next();
    if (choice < 0.62) this.change(table);
    else if (choice < 0.82) this.create(table);
    else if (choice < 0.95) this.remove(table);
    else if (choice < 0.985 || !this.renames) this.changeGroup(table.side);
    else this.renameGroup(table.side);
  }

  /** Some groups are given other keys, on either side, while nothing else happens; false where none is. */
  renameSome(): boolean {
    this.random = seededRandom(this.seed ^ 0x4e4e);
    const before = this.givenAway.size;
    for (const side of SIDES) if (this.random.chance(0.5)) this.renameGroup(side);
    return this.givenAway.size > before;
  }

  private change(table: RecordTable): void {
    const row = this.pickRow(table.side, table.table);
    if (row === undefined) {
      this.create(table);
      return;
    }
    const values: Record<string, CanonicalValue> = {};
    for (const column of table.texts) {
      if (this.random.chance(0.3)) values[column] = this.random.chance(0.1) ? null : this.newValue(table);
    }
    for (const column of table.amounts) if (this.random.chance(0.2)) values[column] = this.newAmount(table);
    if (this.random.chance(0.1)) values[table.group] = this.knownGroup(table.side);
    if (this.random.chance(0.08)) values[table.kind] = this.random.pick(table.kinds);
    if (Object.keys(values).length === 0) values[table.texts[0] ?? ''] = this.newValue(table);
    this.sides[table.side].update(row, values, null);
  }

  private create(table: RecordTable): void {
    if (this.random.chance(0.3)) {
      this.createGroup(table.side);
      return;
    }
    const account = this.random.pick(ACCOUNTS);
    const company = this.random.pick(['usmf', 'demf']);
    const taken = this.rowsOf(table.side, table.table).some(
      (row) => row.values[table.key] === account && row.values[table.company] === company,
    );
    if (taken) return;
    const values: Record<string, CanonicalValue> = {
      [table.key]: account,
      [table.company]: company,
      [table.kind]: table.side === 'finops' ? this.random.pick(table.kinds) : (table.kinds[0] ?? null),
      [table.group]: this.random.chance(0.6) ? this.knownGroup(table.side) : null,
    };
    for (const column of table.texts) if (this.random.chance(0.6)) values[column] = this.newValue(table);
    for (const column of table.amounts) if (this.random.chance(0.5)) values[column] = this.newAmount(table);
    // Last, so that what else is drawn stays what it was.
    if (table === CONTACT && this.random.chance(0.4)) values[table.key] = null;
    this.sides[table.side].insert(table.table, null, values, null);
  }

  private createGroup(side: Side): void {
    const { table, key, title } = GROUP_COLUMNS[side];
    const group = this.random.pick(GROUPS);
    // Limit of R22: a key that was given away means its former bearer, until both sides know.
    if (this.givenAway.has(group) || this.rowsOf(side, table).some((row) => row.values[key] === group)) return;
    this.sides[side].insert(table, null, { [key]: group, [title]: this.newValue({ side, table }) }, null);
  }

  private changeGroup(side: Side): void {
    const { table, title } = GROUP_COLUMNS[side];
    const row = this.pickRow(side, table);
    if (row === undefined) this.createGroup(side);
    else this.sides[side].update(row, { [title]: this.newValue({ side, table }) }, null);
  }

  /** A group is given another key. Who refers to it refers to the row, so no row of theirs changes. */
  private renameGroup(side: Side): void {
    const { table, key } = GROUP_COLUMNS[side];
    const row = this.pickRow(side, table);
    // Limit of R22: a row that is not on both sides yet.
    const other = GROUP_COLUMNS[otherSide(side)];
    const known = new Set(this.rowsOf(otherSide(side), other.table).map(({ values }) => values[other.key]));
    const group = row?.values[key] ?? null;
    if (row === undefined || group === null || !known.has(group)) return;
    this.count += 1;
    this.givenAway.add(group);
    this.sides[side].update(row, { [key]: `g${this.count}` }, null);
  }

  private remove({ side, table }: RecordTable): void {
    const row = this.pickRow(side, this.random.chance(0.8) ? table : GROUP_COLUMNS[side].table);
    if (row === undefined || this.sides[side].isReferenced(row)) return;
    this.sides[side].remove(row, null);
  }

  private rowsOf(side: Side, table: string): SimulatedRow[] {
    return [...this.sides[side].rows.values()].filter((row) => row.table === table);
  }

  private pickRow(side: Side, table: string): SimulatedRow | undefined {
    const rows = this.rowsOf(side, table);
    return rows.length === 0 ? undefined : this.random.pick(rows);
  }

  private knownGroup(side: Side): string | null {
    const { table, key } = GROUP_COLUMNS[side];
    return this.pickRow(side, table)?.values[key] ?? null;
  }

  /** Every value is written once in a history, so that each can be followed to its end. */
  private newValue(where: { side: Side; table: string }): string {
    this.count += 1;
    return this.typed(`v${this.count}`, where);
  }

  private newAmount(where: { side: Side; table: string }): string {
    this.count += 1;
    return this.typed(`${this.count}.25`, where);
  }

  private typed(value: string, { side, table }: { side: Side; table: string }): string {
    this.record.typed.set(value, { side, table, fate: 'shown' });
    return value;
  }
}
