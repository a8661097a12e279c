import type { Command } from 'commander';
import { z } from 'zod';
import { tableMapSchema } from '../shared/core/map/table-map.ts';

/** The form of a map document as a JSON Schema, for editors: what a file may hold, with the members that have defaults optional. */
export function mapSchema(): object {
  const schema = z.toJSONSchema(tableMapSchema, { io: 'input', target: 'draft-2020-12' });
  return { ...schema, title: 'Twinwrite table map' };
}

/** `maps schema`. */
export function addSchemaCommand(maps: Command): void {
  maps
    .command('schema')
    .description('prints the JSON Schema of map files; maps/schema.json holds it')
    .action(() => console.log(JSON.stringify(mapSchema(), null, 2)));
}
