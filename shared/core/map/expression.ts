import { Environment, EvaluationError, ParseError, TypeError as TypingError } from '@marcbachmann/cel-js';
import { type CanonicalValue, NotCanonicalError } from '../record/canonical-value.ts';
import type { ColumnType } from '../record/column-type.ts';

const environment = new Environment({ limits: { maxAstNodes: 500 } }).registerVariable('value', 'dyn');

/**
 * Compiles a CEL expression over `value`. Integers and options come in as `int`, booleans as `bool`, an empty column as
 * `null`, all else as text; decimals too, since a `double` would not hold them exactly. The language has no loop, clock
 * or randomness (https://github.com/google/cel-spec).
 * The function throws NotCanonicalError where the expression fails on a value, or gives a list or an object.
 */
export function compileExpression(cel: string): (value: CanonicalValue, type: ColumnType) => unknown {
  const evaluate = environment.parse(cel);
  return (value, type) => {
    let result: unknown;
    try {
      result = evaluate({ value: typed(value, type) });
    } catch (error) {
      if (!(error instanceof EvaluationError || error instanceof TypingError)) throw error;
      throw new NotCanonicalError(`the expression fails on "${value ?? ''}": ${firstLine(error)}`);
    }
    if (result === null || ['string', 'bigint', 'number', 'boolean'].includes(typeof result)) return result;
    throw new NotCanonicalError('the expression gives neither a text, a number, a truth value nor null');
  };
}

/** Why the text is no valid expression over `value`; null where it is one. */
export function expressionError(cel: string): string | null {
  try {
    const { error } = environment.parse(cel).check();
    return error === undefined ? null : firstLine(error);
  } catch (error) {
    if (!(error instanceof ParseError || error instanceof TypingError)) throw error;
    return firstLine(error);
  }
}

function typed(value: CanonicalValue, type: ColumnType): string | bigint | boolean | null {
  if (value === null) return null;
  if (type.kind === 'integer' || type.kind === 'option') return BigInt(value);
  return type.kind === 'boolean' ? value === 'true' : value;
}

function firstLine(error: Error): string {
  return error.message.split('\n')[0] ?? '';
}
