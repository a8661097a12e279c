import type { Command } from 'commander';
import { validateOffline } from '../shared/core/map/validate-offline.ts';
import { validateSet } from '../shared/core/map/validate-set.ts';
import type { Context } from './context.ts';
import { type MapFile, mapFilesIn, metadataBeside, readMapFile } from './map-files.ts';
import { exitCodeFor, type FileFinding, findingLine, inFile, summaryLine } from './map-findings.ts';
import { type MapMetadata, NO_METADATA, readMetadata } from './map-metadata.ts';

interface Options {
  metadata?: string;
}

/** All findings of the files at once, in the order of the files. */
export function validateFiles(files: readonly MapFile[], metadataOf: (file: string) => MapMetadata): FileFinding[] {
  const single = files.flatMap(({ file, map, findings }) => {
    if (map === null) return findings.map((finding) => inFile(file, finding));
    const metadata = metadataOf(file);
    const names = { finops: map.finops.entity, dataverse: map.dataverse.table };
    const known = {
      shapes: {
        finops: metadata.shape('finops', names.finops),
        dataverse: metadata.shape('dataverse', names.dataverse),
      },
      documents: (side: 'finops' | 'dataverse', column: string) => metadata.documents(side, names[side], column),
    };
    return validateOffline(map, known).map(({ severity, ...finding }) => inFile(file, finding, severity));
  });
  return [...single, ...setFindings(files, metadataOf)];
}

/** What is wrong with several maps together; a single one tells nothing of its company. */
function setFindings(files: readonly MapFile[], metadataOf: (file: string) => MapMetadata): FileFinding[] {
  const maps = files.flatMap(({ file, map }) => {
    return map === null ? [] : [{ file, map, dataverse: metadataOf(file).shape('dataverse', map.dataverse.table) }];
  });
  if (maps.length < 2) return [];
  return validateSet(maps).map(({ index, code, where, message }) =>
    inFile(maps[index]?.file ?? '', { code, path: where, message }),
  );
}

/** The metadata folder that was named, else the one beside each file; each is read once. */
export function metadataFinder(named: string | undefined): (file: string) => MapMetadata {
  const read = new Map<string, MapMetadata>();
  return (file) => {
    const folder = named ?? metadataBeside(file);
    if (folder === null) return NO_METADATA;
    const metadata = read.get(folder) ?? readMetadata(folder);
    read.set(folder, metadata);
    return metadata;
  };
}

/** `maps validate`. */
export function addValidateCommand(maps: Command, { print }: Pick<Context, 'print'>): void {
  maps
    .command('validate <path...>')
    .description('checks map files without a system: all findings at once; fails when one is an error')
    .option('--metadata <folder>', 'metadata files of both sides; else those in `metadata` beside the maps')
    .addHelpText('after', '\nExample:\n  twinwrite maps validate maps/finance maps/sales')
    .action((paths: string[], { metadata }: Options) => {
      const files = mapFilesIn(paths).map(readMapFile);
      const findings = validateFiles(files, metadataFinder(metadata));
      print({ files: files.length, findings }, () =>
        [...findings.map(findingLine), summaryLine(`${files.length} maps`, findings)].join('\n'),
      );
      process.exitCode = exitCodeFor(findings);
    });
}
