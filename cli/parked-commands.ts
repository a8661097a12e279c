import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from './context.ts';
import { table } from './table.ts';

interface Parked {
  mapId: string;
  identity: string;
  reason: string;
  fault: { code: string; message: string } | null;
  parkedAtMs: number;
  dueAtMs: number | null;
}

interface Filter {
  map?: string;
  reason?: string;
  code?: string;
  limit?: string;
}

interface Selection extends Filter {
  record?: string;
  all?: true;
}

const VERBS = {
  retry: ['plans parked changes afresh', 'released'],
  approve: ['lets deletions go on that wait for a person', 'approved'],
} as const;

type Value = string | null;

interface EditOptions {
  map: string;
  record: string;
  field: string;
  value?: string;
  empty?: true;
  side: 'finops' | 'dataverse';
}

/** `parked list | retry | edit | approve | dismiss`. */
export function addParkedCommands(program: Command, { api, print }: Context): void {
  const parked = program
    .command('parked')
    .description('shows what waits and why, retries it, edits, approves or dismisses it');
  const filtered = (command: Command): Command =>
    command
      .option('--map <map>', 'of this map')
      .option('--reason <reason>', 'that wait for this reason, failed for instance')
      .option('--code <code>', 'with this fault code, TW205 for instance')
      .option('--limit <number>', 'at most so many');
  const selected = (command: Command): Command =>
    filtered(command)
      .option('--record <record>', 'of one record, by its key or as the list names it (with --map)')
      .option('--all', 'everything that waits');

  filtered(parked.command('list', { isDefault: true }).description('lists what waits, what is due first'))
    .addHelpText('after', '\nExample:\n  twinwrite parked list --reason failed --code TW205')
    .action(async (filter: Filter) => {
      const query = new URLSearchParams(Object.entries(filter) as [string, string][]).toString();
      const { parked: waiting } = (await api().get(`parked?${query}`)) as { parked: Parked[] };
      print(waiting, () => (waiting.length === 0 ? 'Nothing waits.' : parkedTable(waiting)));
    });

  for (const verb of ['retry', 'approve'] as const) {
    selected(parked.command(verb).description(VERBS[verb][0]))
      .addHelpText(
        'after',
        `\nExample:\n  twinwrite parked ${verb} --map customers-v3--accounts --record 'usmf|us-001'`,
      )
      .action(async (options: Selection) => {
        const answer = await api().post(`parked/${verb}`, { select: selectionOf(options) });
        print(answer, () => `${String(answer['count'])} ${VERBS[verb][1]}.`);
      });
  }

  addEdit(parked, { api, print });

  selected(parked.command('dismiss').description('takes parked changes out; later events are planned as ever'))
    .requiredOption('--because <reason>', 'why, for the log')
    .action(async (options: Selection & { because: string }) => {
      const answer = await api().post('parked/dismiss', { select: selectionOf(options), reason: options.because });
      print(answer, () => `${String(answer['count'])} dismissed.`);
    });
}

function addEdit(parked: Command, { api, print }: Pick<Context, 'api' | 'print'>): void {
  parked
    .command('edit')
    .description('gives a field of a record that waits another value, on both sides, and plans it afresh')
    .requiredOption('--map <map>', 'map of the record')
    .requiredOption('--record <record>', 'its key, or as the list names it')
    .requiredOption('--field <field>', 'as the map names it')
    .option('--value <text>', 'its value')
    .option('--empty', 'no value')
    .addOption(
      new Option('--side <side>', 'whose terms the value is told in')
        .choices(['finops', 'dataverse'])
        .default('dataverse'),
    )
    .addHelpText(
      'after',
      "\nExample:\n  twinwrite parked edit --map customers-v3--accounts --record 'usmf|us-001' --field name --value 'Contoso'",
    )
    .action(async ({ map, record, field, value, empty, side }: EditOptions) => {
      if ((value === undefined) === (empty === undefined))
        throw new InvalidArgumentError('give one of --value and --empty');
      const identity = identityOf(record);
      const query = new URLSearchParams({ map, identity });
      const { fields } = (await api().get(`parked/fields?${query}`)) as {
        fields: { field: string; values: [Value, Value] }[];
      };
      const seen = fields.find((each) => each.field === field)?.values;
      if (seen === undefined) {
        throw new InvalidArgumentError(`--field must be one of ${fields.map((each) => each.field).join(', ')}`);
      }
      const answer = await api().post('parked/edit', {
        map,
        identity,
        edits: [{ field, side, value: value ?? null, seen }],
      });
      print(answer, () => `Edited. ${record} is on its way to both sides.`);
    });
}

function identityOf(record: string): string {
  return /^[kr]\|/.test(record) ? record : `k|${record}`;
}

function selectionOf({ map, record, reason, code, limit, all }: Selection): object {
  if (record !== undefined) {
    if (map === undefined) throw new InvalidArgumentError('--record needs --map');
    return { map, identity: identityOf(record) };
  }
  if (all === undefined && map === undefined && reason === undefined && code === undefined) {
    throw new InvalidArgumentError('say which: --record, --map, --reason, --code or --all');
  }
  const filter = { map, reason, code, ...(limit === undefined ? {} : { limit }) };
  return { filter };
}

function parkedTable(parked: readonly Parked[]): string {
  const time = (ms: number | null): string => (ms === null ? '—' : new Date(ms).toISOString());
  const rows = parked.map(({ mapId, identity, reason, fault, parkedAtMs, dueAtMs }) => [
    mapId,
    identity,
    reason,
    fault?.code ?? '—',
    time(parkedAtMs),
    time(dueAtMs),
  ]);
  return table(['MAP', 'RECORD', 'REASON', 'FAULT', 'SINCE', 'NEXT ATTEMPT'], rows);
}
