import type { z } from 'zod';
import type { Finding } from '../../core/map/map-codes.ts';

/** What zod says of a document, as findings with paths such as `fields[3].direction`. */
export function shapeFindings(error: z.ZodError, below = ''): Finding[] {
  return error.issues.flatMap((issue): Finding[] => {
    if (issue.code !== 'unrecognized_keys') {
      return [{ code: 'C01', path: pathText(issue.path, below), message: issue.message }];
    }
    const unknown = issue.keys.map((key) => pathText([...issue.path, key], below));
    return unknown.map((path) => ({ code: 'C01', path, message: 'there is no member of this name' }));
  });
}

function pathText(path: readonly PropertyKey[], below: string): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, below);
}
