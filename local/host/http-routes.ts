/** A route template compiled for matching. Templates are those of ASP.NET: `a/{id:int}/{rest?}`, `{*tail}`. */
export interface Route {
  readonly template: string;
  /** Parameters of the path, or null when the path does not fit. Literals are compared without regard to case. */
  match(path: string): Record<string, string> | null;
  /** Smaller comes first: literals before constrained parameters, before free ones, before catch-alls. */
  readonly order: string;
}

interface Segment {
  readonly pattern: string;
  readonly optional: boolean;
  readonly rank: '1' | '2' | '3' | '4';
}

interface Parameter {
  readonly name: string;
  readonly accepts: (value: string) => boolean;
  readonly fallback: string | undefined;
}

/** What stands in a constraint's brackets; a `regex` may hold groups. */
const LIMITS = String.raw`(?:[^()]|\([^()]*\))*`;
const PARAMETER = new RegExp(
  String.raw`\{(\*{0,2})([A-Za-z0-9_-]+)((?::[A-Za-z]+(?:\(${LIMITS}\))?)*)(?:=([^}?]*))?(\?)?\}`,
  'g',
);
const CONSTRAINT = new RegExp(String.raw`:([A-Za-z]+)(?:\((${LIMITS})\))?`, 'g');

const isInteger = (value: string): boolean => /^[+-]?\d+$/.test(value);
const isNumber = (value: string): boolean => value !== '' && Number.isFinite(Number(value));
const within = (value: string, low: number, high: number): boolean =>
  isInteger(value) && Number(value) >= low && Number(value) <= high;

const constraints: Record<string, (value: string, limits: readonly string[]) => boolean> = {
  int: (value) => within(value, -2_147_483_648, 2_147_483_647),
  long: isInteger,
  decimal: isNumber,
  double: isNumber,
  float: isNumber,
  bool: (value) => /^(true|false)$/i.test(value),
  alpha: (value) => /^[a-z]*$/i.test(value),
  guid: (value) => /^\{?[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\}?$/i.test(value),
  datetime: (value) => !Number.isNaN(Date.parse(value)),
  required: (value) => value !== '',
  min: (value, [low]) => within(value, Number(low), Number.POSITIVE_INFINITY),
  max: (value, [high]) => within(value, Number.NEGATIVE_INFINITY, Number(high)),
  range: (value, [low, high]) => within(value, Number(low), Number(high)),
  minlength: (value, [low]) => value.length >= Number(low),
  maxlength: (value, [high]) => value.length <= Number(high),
  length: (value, [low, high]) => value.length >= Number(low) && value.length <= Number(high ?? low),
  regex: (value, [pattern]) => new RegExp(pattern ?? '', 'i').test(value),
};

/** Compiles a template. Throws when it uses an unknown constraint. */
export function compileRoute(template: string): Route {
  const parameters: Parameter[] = [];
  const segments = template
    .split('/')
    .filter((text) => text !== '')
    .map((text) => compileSegment(text, parameters));
  const source = segments.map(({ pattern, optional }) => (optional ? `(?:/${pattern})?` : `/${pattern}`)).join('');
  const expression = new RegExp(`^${source}/?$`, 'i');
  return {
    template,
    order: segments.map(({ rank }) => rank).join(''),
    match: (path) => readParameters(expression.exec(path), parameters),
  };
}

function compileSegment(text: string, parameters: Parameter[]): Segment {
  let pattern = '';
  let optional = false;
  let rank: Segment['rank'] = '1';
  let last = 0;
  for (const found of text.matchAll(PARAMETER)) {
    const [all, stars = '', name = '', rules = '', fallback, question] = found;
    pattern += literal(text.slice(last, found.index));
    last = found.index + all.length;
    parameters.push({ name, accepts: acceptor(rules), fallback });
    optional ||= question === '?' || fallback !== undefined || stars !== '';
    pattern += stars === '' ? '([^/]+?)' : '(.*)';
    rank = stars !== '' ? '4' : rules === '' ? '3' : '2';
  }
  return { pattern: pattern + literal(text.slice(last)), optional, rank };
}

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

function acceptor(rules: string): (value: string) => boolean {
  const checks = [...rules.matchAll(CONSTRAINT)].map(([, name = '', limits]) => {
    const check = constraints[name.toLowerCase()];
    if (check === undefined) {
      throw new Error(`The route constraint '${name}' is not known.`);
    }
    const values = name.toLowerCase() === 'regex' ? [limits ?? ''] : (limits ?? '').split(',');
    return (value: string) => check(value, limits === undefined ? [] : values);
  });
  return (value) => checks.every((check) => check(value));
}

function readParameters(
  found: RegExpExecArray | null,
  parameters: readonly Parameter[],
): Record<string, string> | null {
  if (found === null) {
    return null;
  }
  const result: Record<string, string> = {};
  for (const [index, { name, accepts, fallback }] of parameters.entries()) {
    const raw = found[index + 1];
    const value = raw === undefined ? fallback : decode(raw);
    if (value === undefined) {
      continue;
    }
    if (!accepts(value)) {
      return null;
    }
    result[name] = value;
  }
  return result;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
