/** What the `Prefer` header asks for ("Compose HTTP requests and handle errors", Prefer headers). */
export interface Preferences {
  maxPageSize: number | undefined;
  returnRepresentation: boolean;
  trackChanges: boolean;
  continueOnError: boolean;
  /** True when an annotation of this full name was asked for. */
  includes(annotation: string): boolean;
}

/** Reads the `Prefer` header. */
export function parsePreferences(header: string | undefined): Preferences {
  const entries = new Map<string, string>();
  for (const [, name, quoted, bare] of (header ?? '').matchAll(/([\w.-]+)(?:\s*=\s*(?:"([^"]*)"|([^,;\s]+)))?/g)) {
    if (name !== undefined) entries.set(name.toLowerCase(), quoted ?? bare ?? '');
  }
  const pageSize = Number(entries.get('odata.maxpagesize') ?? Number.NaN);
  const patterns = (entries.get('odata.include-annotations') ?? '').split(',').filter((text) => text !== '');
  return {
    maxPageSize: Number.isInteger(pageSize) && pageSize > 0 ? pageSize : undefined,
    returnRepresentation: entries.get('return') === 'representation',
    trackChanges: entries.has('odata.track-changes'),
    continueOnError: entries.has('odata.continue-on-error') && entries.get('odata.continue-on-error') !== 'false',
    includes: (annotation) =>
      patterns.some((pattern) =>
        pattern.endsWith('*') ? annotation.startsWith(pattern.slice(0, -1)) : annotation === pattern,
      ),
  };
}
