import { badRequest } from './web-fault.ts';

/** A JSON number with its digits as sent; `JSON.parse` would lose those of long decimals. */
export interface JsonNumber {
  numberText: string;
}

/** JSON with exact numbers. */
export type Json = string | boolean | null | JsonNumber | Json[] | { [name: string]: Json };

/** A JSON object with exact numbers. */
export type JsonObject = Record<string, Json>;

/** Reads a JSON object; anything else is a 400. */
export function parseJsonObject(body: Buffer): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'), keepNumberText);
  } catch {
    throw badRequest('The payload is not valid JSON.');
  }
  if (!isJsonObject(parsed)) throw badRequest('A JSON object was expected as the payload.');
  return parsed;
}

/** True for a JSON object, false for the number wrapper. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isJsonNumber(value);
}

/** True for the wrapper of a number. */
export function isJsonNumber(value: unknown): value is JsonNumber {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 1 && 'numberText' in value;
}

// The third argument exists at run time (ES2025) and is not in the library of ES2024 yet.
function keepNumberText(this: unknown, ...[, value, context]: [string, unknown, { source?: string }?]): unknown {
  return typeof value === 'number' ? { numberText: context?.source ?? String(value) } : value;
}
