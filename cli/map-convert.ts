import { basename } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { readDocumentedMap } from '../shared/adapters/documented-map/read-documented-map.ts';
import { shapeFindings } from '../shared/adapters/documented-map/shape-findings.ts';
import { adoptMap } from '../shared/core/map/adopt-map.ts';
import type { Finding } from '../shared/core/map/map-codes.ts';
import type { KnownNames } from '../shared/core/map/map-definition.ts';
import type { TableMap } from '../shared/core/map/table-map.ts';
import type { Context } from './context.ts';
import { bytesOf, mapFilesIn, writeMapFile } from './map-files.ts';
import { exitCodeFor, type FileFinding, findingLine, inFile, summaryLine } from './map-findings.ts';
import { NO_METADATA, readMetadata } from './map-metadata.ts';

interface Options {
  out: string;
  metadata?: string;
}

/** Findings that the map itself shall bear until somebody has looked: with them, it may do something else than meant. */
const DOUBTFUL: ReadonlySet<string> = new Set(['C03', 'C04', 'C05', 'C06', 'C08', 'C12']);

/** A map of a documented one, with what was guessed among the findings and in the map itself. */
function convertDocumented(
  text: string,
  file: string,
  known: KnownNames,
): { map: TableMap | null; findings: Finding[] } {
  const { definition, findings } = readDocumentedMap(text, basename(file));
  if (definition === null) return { map: null, findings };
  try {
    const { map, inferred } = adoptMap(definition, known);
    const doubts = findings.filter(({ code }) => DOUBTFUL.has(code)).map(({ path, message }) => `${path}: ${message}`);
    const marks = [...inferred, ...doubts];
    const marked = marks.length === 0 ? map : { ...map, inferred: marks };
    const guesses = inferred.map(
      (what, index): Finding => ({ code: 'M21', path: `inferred[${index}]`, message: what }),
    );
    return { map: marked, findings: [...findings, ...guesses] };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return { map: null, findings: [...findings, ...shapeFindings(error)] };
  }
}

/** `maps convert`. */
export function addConvertCommand(maps: Command, { print }: Pick<Context, 'print'>): void {
  maps
    .command('convert <path...>')
    .description('makes maps of documented dual-write maps (JSON), and tells what could not be taken over')
    .requiredOption('--out <folder>', 'where the maps are written')
    .option('--metadata <folder>', 'metadata files that tell how names are spelled and which keys there are')
    .addHelpText('after', '\nExample:\n  twinwrite maps convert customers-v3--accounts.json --out my-maps')
    .action((paths: string[], { out, metadata }: Options) => {
      const known = metadata === undefined ? NO_METADATA : readMetadata(metadata);
      const findings: FileFinding[] = [];
      const written: string[] = [];
      const sources = new Map<string, string>();
      for (const file of mapFilesIn(paths)) {
        const converted = convertDocumented(Buffer.from(bytesOf(file)).toString('utf8'), file, known);
        findings.push(...converted.findings.map((finding) => inFile(file, finding)));
        if (converted.map === null) continue;
        const { id } = converted.map;
        const same = sources.get(id);
        if (same === undefined) written.push(writeMapFile(out, converted.map));
        else
          findings.push(
            inFile(file, { code: 'M29', path: '', message: `${same} made ${id}, too; this is not written` }),
          );
        sources.set(id, same ?? file);
      }
      print({ written, findings }, () =>
        [...findings.map(findingLine), summaryLine(`${written.length} maps written to ${out}`, findings)].join('\n'),
      );
      process.exitCode = exitCodeFor(findings);
    });
}
