import type { Command } from 'commander';
import { type MapOrder, mapOrder } from '../shared/core/map/map-order.ts';
import type { Context } from './context.ts';
import { mapFilesIn, mapIn } from './map-files.ts';

/** Stages and cycles as a list for people. */
export function orderText({ stages, cycles }: MapOrder): string {
  const lines = stages.map((ids, index) => `${index + 1}. ${ids.join(', ')}`);
  const rings = cycles.map((tables) =>
    tables.length === 1 ? `- ${tables[0]} refers to itself` : `- ${tables.join(', ')} refer to each other`,
  );
  return [...lines, ...(rings.length === 0 ? [] : ['', 'Cycles:', ...rings])].join('\n');
}

/** `maps order`. */
export function addOrderCommand(maps: Command, { print }: Pick<Context, 'print'>): void {
  maps
    .command('order <path...>')
    .description('tells in which order maps are to be synchronised first, by their lookups, and which refer in rings')
    .action((paths: string[]) => {
      const order = mapOrder(mapFilesIn(paths).map(mapIn));
      print(order, () => orderText(order));
    });
}
