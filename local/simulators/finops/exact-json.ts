/** A JSON number kept as the text it was sent as, so that decimals beyond a double survive both ways. */
export interface ExactNumber {
  readonly rawJSON: string;
}

// "JSON.parse source text access" (ECMAScript 2026): in Node, not yet in the library types of this language level.
interface SourceAccess {
  rawJSON(text: string): ExactNumber;
  isRawJSON(value: unknown): boolean;
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
}

const exact = JSON as unknown as SourceAccess;

/** Makes a value that `JSON.stringify` writes as the given number text, digit by digit. */
export function exactNumber(text: string): ExactNumber {
  return exact.rawJSON(text);
}

export function isExactNumber(value: unknown): value is ExactNumber {
  return exact.isRawJSON(value);
}

/** Parses JSON with every number as an {@link ExactNumber}; throws SyntaxError on anything that is not JSON. */
export function parseExact(text: string): unknown {
  return exact.parse(text, (_key, value, context) =>
    typeof value === 'number' && context.source !== undefined ? exact.rawJSON(context.source) : value,
  );
}
