import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { type Api, ApiError, createApi } from './api.ts';
import { addConflictCommands, addRecordCommand } from './conflict-commands.ts';
import { addConvertCommand } from './map-convert.ts';
import { addOrderCommand } from './map-order.ts';
import { addSchemaCommand } from './map-schema.ts';
import { addShowCommands } from './map-show.ts';
import { addSolutionCommands } from './map-solution.ts';
import { addValidateCommand } from './map-validate.ts';
import { addParkedCommands } from './parked-commands.ts';
import { table } from './table.ts';

interface ListedMap {
  id: string;
  version: string;
  title: string;
  finops: string;
  dataverse: string;
  status: string;
}

const program = new Command('twinwrite')
  .description('Steers a Twinwrite deployment.')
  .option('--url <url>', 'address of the app', process.env['TWINWRITE_URL'] ?? 'http://127.0.0.1:7071')
  .option('--key <key>', 'function key of the app', process.env['TWINWRITE_KEY'])
  .option('--json', 'data for scripts instead of tables')
  .exitOverride();

const api = (): Api => createApi(program.opts<{ url: string; key?: string }>());
const print = (data: unknown, text: () => string): void => {
  console.log(program.opts<{ json?: boolean }>().json === true ? JSON.stringify(data, null, 2) : text());
};

program
  .command('health')
  .description('says whether the app can work')
  .action(async () => {
    const health = await api().health();
    print(health, () => (health.healthy ? 'healthy' : `not healthy: ${health.detail ?? health.notReady?.join(', ')}`));
    process.exitCode = health.healthy ? 0 : 1;
  });

const maps = program.command('maps').description('lists and steers table maps');

maps
  .command('list', { isDefault: true })
  .description('lists the installed maps')
  .action(async () => {
    const { maps: listed } = (await api().get('maps')) as { maps: ListedMap[] };
    const rows = listed.map(({ id, version, finops, dataverse, status }) => [id, version, finops, dataverse, status]);
    print(listed, () => table(['MAP', 'VERSION', 'F&O ENTITY', 'DATAVERSE TABLE', 'STATUS'], rows));
  });

for (const verb of ['pause', 'resume'] as const) {
  maps
    .command(`${verb} <map>`)
    .description(verb === 'pause' ? 'pauses a map; its changes wait' : 'lets a map run again and releases its changes')
    .action(async (map: string) => {
      const answer = await api().post(`maps/${encodeURIComponent(map)}/${verb}`);
      print(answer, () => `${map}: ${String(answer['status'])}`);
    });
}

addConvertCommand(maps, { print });
addOrderCommand(maps, { print });
addSchemaCommand(maps);
addShowCommands(maps, { print });
addSolutionCommands(maps, { print });
addValidateCommand(maps, { print });
addConflictCommands(program, { api, print });
addRecordCommand(program, { api, print });
addParkedCommands(program, { api, print });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof InvalidArgumentError) console.error(error.message);
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = error instanceof ApiError ? error.exitCode : 1;
  }
}
