import { type Finding, MAP_CODES, type Severity, severityOf } from '../shared/core/map/map-codes.ts';

/** A finding of a file, with all that a person needs. */
export interface FileFinding extends Finding {
  file: string;
  severity: Severity;
  advice: string;
}

export function inFile(file: string, finding: Finding, severity: Severity = severityOf(finding)): FileFinding {
  return { file, severity, advice: MAP_CODES[finding.code].advice, ...finding };
}

/** One line: severity, code, place, what is wrong and what to do. */
export function findingLine({ severity, code, file, path, message, advice }: FileFinding): string {
  const place = path === '' ? file : `${file} ${path}`;
  return `${severity.padEnd(7)} ${code} ${place}: ${message}. ${advice}`;
}

/** `122 files: no error, 3 warnings, 1 note`. */
export function summaryLine(what: string, findings: readonly FileFinding[]): string {
  const count = (severity: Severity): string => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return `${number === 0 ? 'no' : number} ${severity}${number > 1 ? 's' : ''}`;
  };
  return `${what}: ${count('error')}, ${count('warning')}, ${count('note')}`;
}

/** Scripts fail on errors only. */
export function exitCodeFor(findings: readonly FileFinding[]): number {
  return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
}
