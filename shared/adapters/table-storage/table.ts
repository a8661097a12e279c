import { RestError, TableClient, type TableEntityResult, type TransactionAction } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';

/** How to reach the storage account: with a connection string (Azurite) or with an identity. */
export type TableConnection = { connectionString: string } | { endpoint: string; credential: TokenCredential };

export type TableRow = TableEntityResult<Record<string, unknown>>;

export interface RowName {
  partitionKey: string;
  rowKey: string;
}

interface Page {
  rows: TableRow[];
  /** Further rows may follow. */
  more: boolean;
}

/** `failed`: nothing was saved, because of the action at `index`. */
type TransactionResult =
  | { kind: 'done'; etags: readonly (string | undefined)[] }
  | { kind: 'failed'; index: number; status: number };

/** One table; counts what is billed: each request is one operation, a transaction too. */
export interface Table {
  ensure(): Promise<void>;
  get(name: RowName): Promise<TableRow | null>;
  /** The first rows that pass an OData filter. */
  firstPage(filter: string, rowsMax: number): Promise<Page>;
  pages(filter: string): AsyncIterable<TableRow[]>;
  /** Every row that passes; only with the columns in `select`, if given. */
  all(filter: string, select?: string[]): Promise<TableRow[]>;
  save(row: RowName & Record<string, unknown>, mode: 'Merge' | 'Replace'): Promise<void>;
  /** Merges into a row that must exist; false when it does not. */
  amend(row: RowName & Record<string, unknown>): Promise<boolean>;
  /** False when the row is gone or is no longer the one with that etag. */
  remove(name: RowName, etag: string): Promise<boolean>;
  transact(actions: TransactionAction[]): Promise<TransactionResult>;
}

/** Counts of operations by table and kind, `state.transaction` for instance. */
export type OperationCounts = Record<string, number>;

const PAGE_ROWS = 1000;

/** Faults of the service other than those named come out as `RestError` after the client's own retries. */
export function openTable(connection: TableConnection, name: string, counts: OperationCounts): Table {
  const client = connect(connection, name);
  function count(kind: string): void {
    const label = `${name}.${kind}`;
    counts[label] = (counts[label] ?? 0) + 1;
  }
  async function* pages(filter: string, select?: string[]): AsyncIterable<TableRow[]> {
    count('query');
    for await (const page of client
      .listEntities({ queryOptions: select === undefined ? { filter } : { filter, select } })
      .byPage({ maxPageSize: PAGE_ROWS })) {
      yield page;
      if (page.continuationToken !== undefined) count('query');
    }
  }
  return {
    ensure: () => client.createTable(),
    async get({ partitionKey, rowKey }) {
      count('get');
      return (await unlessStatus([404], client.getEntity(partitionKey, rowKey))) ?? null;
    },
    async firstPage(filter, rowsMax) {
      count('query');
      const found = client.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: rowsMax });
      for await (const page of found) return { rows: page, more: page.continuationToken !== undefined };
      return { rows: [], more: false };
    },
    pages: (filter) => pages(filter),
    async all(filter, select) {
      const rows: TableRow[] = [];
      for await (const page of pages(filter, select)) rows.push(...page);
      return rows;
    },
    async save(row, mode) {
      count('save');
      await client.upsertEntity(row, mode);
    },
    async amend(row) {
      count('save');
      return (await unlessStatus([404], client.updateEntity(row, 'Merge'))) !== undefined;
    },
    async remove({ partitionKey, rowKey }, etag) {
      count('delete');
      return (await unlessStatus([404, 412], client.deleteEntity(partitionKey, rowKey, { etag }))) !== undefined;
    },
    async transact(actions) {
      count('transaction');
      try {
        const { subResponses } = await client.submitTransaction(actions);
        return { kind: 'done', etags: subResponses.map(({ etag }) => etag) };
      } catch (fault) {
        return failedAction(fault);
      }
    },
  };
}

function connect(connection: TableConnection, name: string): TableClient {
  if ('endpoint' in connection) return new TableClient(connection.endpoint, name, connection.credential);
  const { connectionString } = connection;
  const allowInsecureConnection = /TableEndpoint=http:|UseDevelopmentStorage=true/i.test(connectionString);
  return TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection });
}

async function unlessStatus<T>(statuses: readonly number[], answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (fault) {
    if (fault instanceof RestError && statuses.includes(fault.statusCode ?? 0)) return undefined;
    throw fault;
  }
}

/**
 * The service names the failing action only by the number before the colon of the message ("Performing entity group
 * transactions"); Microsoft's .NET client takes it from there, too.
 */
function failedAction(fault: unknown): TransactionResult {
  const status = fault instanceof RestError ? fault.statusCode : undefined;
  const index = fault instanceof RestError ? /^(\d+):/.exec(fault.message)?.[1] : undefined;
  if (index === undefined || (status !== 404 && status !== 409 && status !== 412)) throw fault;
  return { kind: 'failed', index: Number(index), status };
}
