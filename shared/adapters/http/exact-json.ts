/** A number whose digits stand in the JSON exactly as given. */
export type ExactNumber = { readonly rawJSON: string };

/** More digits than this do not survive a JavaScript number. */
const SAFE_DIGITS = 15;
/** A number stands after one of these marks, a text in quotes; a text that looks alike costs time only. */
const LONG_NUMBER = /(?:^|[:,[\s])-?\d[-\d.eE+]{14,}/;

/**
 * Parses JSON. A number of more digits than a JavaScript number keeps comes as the text that stood there, every other
 * as a number; the caller treats both alike.
 * @throws SyntaxError when the text is no JSON.
 */
export function parseExactJson(text: string): unknown {
  return LONG_NUMBER.test(text) ? JSON.parse(text, keepLongNumber) : JSON.parse(text);
}

// The third argument is in the language since ES2025 ("JSON.parse source text access"), not yet in the ES2024 library.
function keepLongNumber(this: unknown, ...[, value, context]: [string, unknown, { source?: string }?]): unknown {
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && source.length > SAFE_DIGITS ? source : value;
}

/**
 * A decimal text as a JSON number with all its digits, for `JSON.stringify`.
 * @throws SyntaxError when the text is no JSON number.
 */
export function exactNumber(text: string): ExactNumber {
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): ExactNumber };
  return rawJSON(text);
}

/** A parsed JSON value as an object; empty for anything else. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** A text parsed as a JSON object; empty when it is none, as with the error pages of gateways. */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return asObject(parseExactJson(text));
  } catch {
    return {};
  }
}

/** The rows of an OData collection answer; null when the answer, or one of its rows, is none: it is no proof of absence. */
export function rowsOf(text: string): Readonly<Record<string, unknown>>[] | null {
  const rows = parseObject(text)['value'];
  if (!Array.isArray(rows)) return null;
  const objects = rows.map(asObject);
  return objects.some((row) => Object.keys(row).length === 0) ? null : objects;
}
