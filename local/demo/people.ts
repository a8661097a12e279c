/** A row as one of the two systems shows it. */
export type Row = Record<string, unknown>;

/** The people who work in both systems: what they do is not the app's doing, and no fault strikes it. */
export interface People {
  finops: {
    all(set: string): Promise<Row[]>;
    read(set: string, key: Record<string, string>): Promise<Row | undefined>;
    create(set: string, values: Row): Promise<void>;
    update(set: string, key: Record<string, string>, values: Row): Promise<void>;
    remove(set: string, key: Record<string, string>): Promise<void>;
  };
  dataverse: {
    all(table: string, filter?: string | null): Promise<Row[]>;
    /** The only row that a filter finds; undefined when there is none. */
    find(table: string, filter: string): Promise<Row | undefined>;
    create(table: string, values: Row): Promise<Row>;
    update(table: string, id: string, values: Row): Promise<void>;
    remove(table: string, id: string): Promise<void>;
  };
  /** Puts a fault in force, or ends all of a side by the kind `off`, as the control API has it. */
  breakSide(fault: {
    side: 'finops' | 'dataverse';
    kind: string;
    count?: number;
    delayMs?: number;
    probability?: number;
  }): Promise<void>;
}

/** People at the screens of the simulated systems. All calls reject with the system's own words when it refuses. */
export function peopleAt(simulatorsUrl: string): People {
  const control = `${simulatorsUrl}/sim/api`;
  const rows = (method: string, address: string, body?: Row): Promise<Response> =>
    call(method, `${control}/rows/${address}`, body);
  const oneOf = (set: string, key: Record<string, string>): string => `finops/${set}/${keyText(key)}`;
  const all = async (address: string, query: URLSearchParams): Promise<Row[]> => {
    const found: Row[] = [];
    for (let text: string | null = query.toString(); text !== null; ) {
      const response = await rows('GET', `${address}?${text}`);
      const page = (await response.json()) as { value: Row[]; '@odata.nextLink'?: string };
      found.push(...page.value);
      const next = page['@odata.nextLink'];
      text = next === undefined ? null : new URL(next).search.slice(1);
    }
    return found;
  };
  const allOf = (table: string, filter: string | null = null): Promise<Row[]> =>
    all(`dataverse/${table}`, new URLSearchParams(filter === null ? {} : { $filter: filter }));
  return {
    finops: {
      all: (set) => all(`finops/${set}`, new URLSearchParams()),
      read: async (set, key) => {
        const response = await fetch(`${control}/rows/${oneOf(set, key)}`);
        if (response.status === 404) return undefined;
        return (await accepted(response, oneOf(set, key))).json() as Promise<Row>;
      },
      create: async (set, values) => void (await rows('POST', `finops/${set}`, values)),
      update: async (set, key, values) => void (await rows('PATCH', oneOf(set, key), values)),
      remove: async (set, key) => void (await rows('DELETE', oneOf(set, key))),
    },
    dataverse: {
      all: allOf,
      find: async (table, filter) => (await allOf(table, filter))[0],
      create: async (table, values) => (await rows('POST', `dataverse/${table}`, values)).json() as Promise<Row>,
      update: async (table, id, values) => void (await rows('PATCH', `dataverse/${table}/${id}`, values)),
      remove: async (table, id) => void (await rows('DELETE', `dataverse/${table}/${id}`)),
    },
    breakSide: async (fault) => void (await call('PUT', `${control}/faults`, fault)),
  };
}

async function call(method: string, url: string, body?: Row): Promise<Response> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return accepted(response, `${method} ${url}`);
}

async function accepted(response: Response, what: string): Promise<Response> {
  if (response.ok) return response;
  throw new Error(`${what} was refused with ${response.status}: ${await response.text()}`);
}

/** F&O decodes a key twice ("Slashes, Pluses, and Double Encoding"), so it is encoded twice. */
function keyText(key: Record<string, string>): string {
  return Object.entries(key)
    .map(([name, value]) => `${name}='${encodeURIComponent(encodeURIComponent(value.replaceAll("'", "''")))}'`)
    .join(',');
}
