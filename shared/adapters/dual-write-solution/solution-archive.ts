import { strFromU8, strToU8, unzipSync, type Zippable, zipSync } from 'fflate';

/** An archive that unpacks to more is refused: a solution of all standard maps has 5 MB. */
const UNPACKED_LIMIT_BYTES = 256 * 1024 * 1024;

/** What a solution says of itself, and its customizations. */
export interface OpenedSolution {
  publisher: string | null;
  customizations: string;
}

/** The file is no solution; the message says why. */
export class NotASolutionError extends Error {}

/**
 * Opens a solution zip, a zip that holds solution zips, or a bare `customizations.xml`.
 * @throws NotASolutionError
 */
export function openSolutions(file: Uint8Array): OpenedSolution[] {
  if (!isZip(file)) {
    const text = strFromU8(file);
    if (!text.includes('<')) throw new NotASolutionError('it is neither a zip nor XML');
    return [{ publisher: null, customizations: text }];
  }
  const entries = unpacked(file);
  const entry = (name: string): string | null => {
    const found = Object.keys(entries).find((path) => path.toLowerCase() === name);
    return found === undefined ? null : strFromU8(entries[found] ?? new Uint8Array());
  };
  const customizations = entry('customizations.xml');
  if (customizations !== null) return [{ publisher: publisherOf(entry('solution.xml')), customizations }];
  const inner = Object.entries(entries).filter(([path]) => path.toLowerCase().endsWith('.zip'));
  if (inner.length > 0) return inner.flatMap(([, bytes]) => openSolutions(bytes));
  const cab = Object.keys(entries).some((path) => path.toLowerCase().endsWith('.cab'));
  throw new NotASolutionError(
    cab ? 'it holds a cab; unpack that and give the zip in it' : 'the zip holds no customizations.xml',
  );
}

function isZip(file: Uint8Array): boolean {
  return file[0] === 0x50 && file[1] === 0x4b;
}

function unpacked(file: Uint8Array): Record<string, Uint8Array> {
  let bytes = 0;
  try {
    return unzipSync(file, {
      filter: ({ name, originalSize }) => {
        if (!/\.(?:xml|zip|cab)$/i.test(name)) return false;
        bytes += originalSize;
        if (bytes > UNPACKED_LIMIT_BYTES) throw new NotASolutionError('it unpacks to more than 256 MB');
        return !name.toLowerCase().endsWith('.cab') || originalSize < UNPACKED_LIMIT_BYTES;
      },
    });
  } catch (error) {
    if (error instanceof NotASolutionError) throw error;
    throw new NotASolutionError(`the zip is damaged: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function publisherOf(solutionXml: string | null): string | null {
  const publisher = /<Publisher>[\s\S]*?<UniqueName>([^<]+)<\/UniqueName>/.exec(solutionXml ?? '');
  return publisher?.[1] ?? null;
}

/** A zip always says the same: its entries bear this time. */
const EPOCH = new Date('2000-01-01T00:00:00Z');

/** Packs a solution as dual-write exports it: one root component, and what it needs. */
export function solutionArchive(customizations: string, name: string, publisher: string): Uint8Array {
  const text = (content: string): Zippable[string] => [strToU8(`\uFEFF${content}`), { mtime: EPOCH }];
  return zipSync({
    '[Content_Types].xml': text(CONTENT_TYPES),
    'customizations.xml': text(customizations),
    'solution.xml': text(solutionXml(name, publisher)),
  });
}

const CONTENT_TYPES =
  '<?xml version="1.0" encoding="utf-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' +
  '<Default Extension="xml" ContentType="application/octet-stream" /></Types>';

function solutionXml(name: string, publisher: string): string {
  const prefix =
    publisher
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '')
      .slice(0, 8) || 'twinwrite';
  return `<?xml version="1.0" encoding="utf-8"?>
<ImportExportXml version="9.2" SolutionPackageVersion="9.2" languagecode="1033" generatedBy="Twinwrite">
  <SolutionManifest>
    <UniqueName>${name}</UniqueName>
    <LocalizedNames><LocalizedName description="${name}" languagecode="1033" /></LocalizedNames>
    <Descriptions />
    <Version>1.0.0.0</Version>
    <Managed>0</Managed>
    <Publisher>
      <UniqueName>${prefix}</UniqueName>
      <LocalizedNames><LocalizedName description="${prefix}" languagecode="1033" /></LocalizedNames>
      <CustomizationPrefix>${prefix}</CustomizationPrefix>
      <CustomizationOptionValuePrefix>19235</CustomizationOptionValuePrefix>
    </Publisher>
    <RootComponents>
      <RootComponent type="1" schemaName="msdyn_dualwriteentitymap" behavior="1" />
    </RootComponents>
    <MissingDependencies>
      <MissingDependency>
        <Required type="1" schemaName="msdyn_dualwriteentitymap" solution="msdyn_DualWriteCore" />
        <Dependent type="1" schemaName="msdyn_dualwriteentitymap" />
      </MissingDependency>
    </MissingDependencies>
  </SolutionManifest>
</ImportExportXml>
`;
}
