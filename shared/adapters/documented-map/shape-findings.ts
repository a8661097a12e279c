import type { z } from 'zod';
import type { Finding } from '../../core/map/map-codes.ts';

/** What zod says of a document, as findings with paths such as `fields[3].direction`. */
export function shapeFindings(error: z.ZodError, below = ''): Finding[] {
  return error.issues.map(({ path, message }) => ({ code: 'C01' as const, path: pathText(path, below), message }));
}

function pathText(path: readonly PropertyKey[], below: string): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, below);
}
