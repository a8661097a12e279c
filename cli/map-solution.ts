import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { readSolution, writeSolution } from '../shared/adapters/dual-write-solution/read-solution.ts';
import { NotASolutionError } from '../shared/adapters/dual-write-solution/solution-archive.ts';
import type { TableMap } from '../shared/core/map/table-map.ts';
import type { Context } from './context.ts';
import { bytesOf, mapFilesIn, mapIn, writeMapFile } from './map-files.ts';
import { exitCodeFor, type FileFinding, findingLine, inFile, summaryLine } from './map-findings.ts';
import { type MapMetadata, NO_METADATA, readMetadata } from './map-metadata.ts';

interface Options {
  out: string;
  metadata?: string;
}

/** `maps import` and `maps export`: dual-write's solution zip to map files and back. */
export function addSolutionCommands(maps: Command, context: Pick<Context, 'print'>): void {
  addImport(maps, context);
  addExport(maps, context);
}

function addImport(maps: Command, { print }: Pick<Context, 'print'>): void {
  maps
    .command('import <file>')
    .description('makes map files of a dual-write solution: zip, or its customizations.xml')
    .requiredOption('--out <folder>', 'where the maps are written')
    .option('--metadata <folder>', 'metadata files that tell how names are spelled and which keys there are')
    .addHelpText('after', '\nExample:\n  twinwrite maps import MyMaps_1_0.zip --out my-maps')
    .action((file: string, { out, metadata }: Options) => {
      const { written, findings } = importSolution(file, out, metadataIn(metadata));
      print({ written, findings }, () =>
        [...findings.map(findingLine), summaryLine(`${written.length} maps written to ${out}`, findings)].join('\n'),
      );
      process.exitCode = exitCodeFor(findings);
    });
}

function importSolution(file: string, out: string, known: MapMetadata): { written: string[]; findings: FileFinding[] } {
  const { maps, broken } = solutionIn(file, known);
  const findings = broken.map(({ record, problem }) => inFile(file, { code: 'C01', path: record, message: problem }));
  const highest = new Map<string, { map: TableMap; record: string }>();
  for (const { map, inferred, record } of maps) {
    const marked = inferred.length === 0 ? map : { ...map, inferred };
    findings.push(...inferred.map((what) => inFile(file, { code: 'M21', path: record, message: what })));
    const other = highest.get(map.id);
    const lower = other !== undefined && isHigher(other.map.version, map.version);
    if (other !== undefined) {
      const left = lower ? map.version : other.map.version;
      const message = `there are several versions of ${map.id}; ${left} is not written`;
      findings.push(inFile(file, { code: 'C13', path: record, message }));
    }
    if (!lower) highest.set(map.id, { map: marked, record });
  }
  return { written: [...highest.values()].map(({ map }) => writeMapFile(out, map)), findings };
}

function solutionIn(file: string, known: MapMetadata): ReturnType<typeof readSolution> {
  try {
    return readSolution(bytesOf(file), known);
  } catch (error) {
    if (error instanceof NotASolutionError) throw new InvalidArgumentError(`${file} is no solution: ${error.message}.`);
    throw error;
  }
}

function isHigher(one: string, other: string): boolean {
  const [left, right] = [one, other].map((version) => version.split('.').map(Number));
  const at = left?.findIndex((part, index) => part !== right?.[index]) ?? -1;
  return at >= 0 && (left?.[at] ?? 0) > (right?.[at] ?? 0);
}

function addExport(maps: Command, { print }: Pick<Context, 'print'>): void {
  maps
    .command('export <path...>')
    .description('packs map files as a solution zip that dual-write, and maps import, can read')
    .requiredOption('--out <file>', 'the zip')
    .option('--metadata <folder>', 'metadata files that tell labels and set names')
    .addHelpText('after', '\nExample:\n  twinwrite maps export my-maps --out MyMaps.zip')
    .action((paths: string[], { out, metadata }: Options) => {
      const files = mapFilesIn(paths).map(mapIn);
      const known = metadataIn(metadata);
      mkdirSync(dirname(out), { recursive: true });
      writeFileSync(
        out,
        writeSolution(files, (map) => dualWriteNames(map, known)),
      );
      print({ out, maps: files.map(({ id, version }) => ({ id, version })) }, () => `${files.length} maps in ${out}`);
    });
}

function metadataIn(folder: string | undefined): MapMetadata {
  return folder === undefined ? NO_METADATA : readMetadata(folder);
}

/** Names as dual-write told them when the map came from it, else from the metadata, else from the map's own id. */
function dualWriteNames(map: TableMap, known: MapMetadata): { entityLabel: string; tableSet: string } {
  const leg = map.dualWrite?.['leg'];
  const kept = (typeof leg === 'object' && leg !== null ? leg : {}) as Record<string, unknown>;
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
  const fromId = map.id.split('--').slice(1).join('--').replace(/-.*$/, '');
  return {
    entityLabel: text(kept['sourceSchema']) ?? known.labelOf(map.finops.entity) ?? map.title,
    tableSet:
      text(kept['destinationSchema']) ?? known.setNameOf(map.dataverse.table) ?? (fromId || map.dataverse.table),
  };
}
