import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Api } from './api.ts';
import type { Context } from './context.ts';
import { table } from './table.ts';

type Value = string | null;

interface Shown {
  state: 'open' | 'decided' | 'resolved' | 'undone' | 'superseded';
  decision: { actor: string; side: string; value: Value } | null;
  current: [Value, Value] | null;
  conflict: {
    id: string;
    mapId: string;
    key: string;
    field: string | null;
    values: [Value, Value];
    rule: string;
    winner: string | null;
    loserValue: Value;
    atMs: number;
  };
}

interface Page {
  conflicts: Shown[];
  cursor?: string | null;
}

interface ListOptions {
  map?: string;
  all?: true;
  cursor?: string;
}

interface RecordOptions {
  map: string;
  record: string;
}

interface ResolveOptions extends RecordOptions {
  take?: 'finops' | 'dataverse';
  value?: string;
  empty?: true;
  side: 'finops' | 'dataverse';
}

/** `record`: all there is of one. */
export function addRecordCommand(program: Command, { api, print }: Context): void {
  onRecord(program.command('record'))
    .description('shows all there is of a record: link, audit, conflicts, what waits')
    .action(async (options: RecordOptions) => {
      const record = await recordOf(api(), options);
      print(record, () => JSON.stringify(record, null, 2));
    });
}

/** `conflicts list | show | resolve | undo`. */
export function addConflictCommands(program: Command, context: Context): void {
  const conflicts = program
    .command('conflicts')
    .description('shows conflicts, decides those that wait, undoes decisions');
  addReading(conflicts, context);
  addDeciding(conflicts, context);
}

function addReading(conflicts: Command, { api, print }: Context): void {
  conflicts
    .command('list', { isDefault: true })
    .description('lists the conflicts that wait for a person, or all of a map')
    .option('--map <map>', 'of this map only')
    .option('--all', 'also those of the past; needs --map')
    .option('--cursor <cursor>', 'goes on where a page of --all ended')
    .addHelpText(
      'after',
      '\nExamples:\n  twinwrite conflicts list\n  twinwrite conflicts list --map customers-v3--accounts --all',
    )
    .action(async ({ map, all, cursor }: ListOptions) => {
      if (all && map === undefined) throw new InvalidArgumentError('--all needs --map');
      const asked = { state: all ? 'all' : 'open', ...(map && { map }), ...(all && cursor && { cursor }) };
      const { conflicts: shown, cursor: next } = await api().get(`conflicts?${new URLSearchParams(asked)}`);
      const page: Page = { conflicts: shown as Shown[], cursor: next as string | null };
      print(page, () => pageText(page, all === true));
    });
  onRecord(conflicts.command('show'))
    .description('shows all conflicts of a record, the latest first')
    .action(async (options: RecordOptions) => {
      const shown = await conflictsOf(api(), options);
      print(shown, () => (shown.length === 0 ? 'The record never had a conflict.' : conflictTable(shown)));
    });
}

function addDeciding(conflicts: Command, { api, print }: Context): void {
  const sides = ['finops', 'dataverse'];
  onRecord(conflicts.command('resolve <conflict>'))
    .description('gives a field in conflict its value, on both sides')
    .addOption(new Option('--take <side>', 'the value of this side').choices(sides))
    .option('--value <text>', 'a value of your own')
    .option('--empty', 'no value')
    .addOption(new Option('--side <side>', 'whose terms the value is told in').choices(sides).default('dataverse'))
    .addHelpText(
      'after',
      "\nExample:\n  twinwrite conflicts resolve 1f0c… --map customers-v3--accounts --record 'usmf|us-001' --take finops",
    )
    .action(async (id: string, options: ResolveOptions) => {
      const { map, record: key, take, value, empty, side } = options;
      const given = [take, value, empty].filter((each) => each !== undefined).length;
      if (given !== 1) throw new InvalidArgumentError('give one of --take, --value and --empty');
      const choice = take === undefined ? { side, value: value ?? null } : { take };
      const seen = await seenOf(api(), id, options);
      const answer = await api().post(`conflicts/${id}/resolve`, { map, key, seen, ...choice });
      print(answer, () => `Decided. ${key} is on its way to both sides.`);
    });
  onRecord(conflicts.command('undo <conflict>'))
    .description('brings the value back that lost, on both sides')
    .action(async (id: string, options: RecordOptions) => {
      const { map, record: key } = options;
      const seen = await seenOf(api(), id, options);
      const answer = await api().post(`conflicts/${id}/undo`, { map, key, seen });
      print(answer, () => `Undone. ${key} is on its way to both sides.`);
    });
}

function onRecord(command: Command): Command {
  return command
    .requiredOption('--map <map>', 'map of the record')
    .requiredOption('--record <key>', 'key of the record, as the lists show it');
}

function recordOf(api: Api, { map, record: key }: RecordOptions): Promise<Record<string, unknown>> {
  return api.get(`record?map=${encodeURIComponent(map)}&key=${encodeURIComponent(key)}`);
}

async function conflictsOf(api: Api, options: RecordOptions): Promise<Shown[]> {
  return (await recordOf(api, options))['conflicts'] as Shown[];
}

/** What both sides show now: a decision holds only as long as they do. */
async function seenOf(api: Api, id: string, options: RecordOptions): Promise<[Value, Value]> {
  const found = (await conflictsOf(api, options)).find(({ conflict }) => conflict.id === id);
  if (found?.current == null)
    throw new InvalidArgumentError(`record ${options.record} has no conflict ${id} of a field`);
  return found.current;
}

function pageText({ conflicts, cursor }: Page, all: boolean): string {
  const none = all ? 'No conflict on this page.' : 'No conflict waits.';
  const rows = conflicts.length === 0 ? none : conflictTable(conflicts);
  return cursor == null ? rows : `${rows}\nMore: --cursor '${cursor}'`;
}

function conflictTable(shown: readonly Shown[]): string {
  const text = (value: Value | undefined): string => (value == null ? '—' : value);
  const rows = shown.map(({ conflict, state, decision }) => [
    conflict.id,
    conflict.key,
    conflict.field ?? '(row)',
    text(conflict.values[0]),
    text(conflict.values[1]),
    state,
    decision === null ? `${conflict.rule}${conflict.winner === null ? '' : `: ${conflict.winner}`}` : decision.actor,
    new Date(conflict.atMs).toISOString(),
  ]);
  return table(['CONFLICT', 'KEY', 'FIELD', 'F&O', 'DATAVERSE', 'STATE', 'BY', 'AT'], rows);
}
