import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runInThisContext } from 'node:vm';

/** What a query is made of, as far as the tests ask. */
export interface Analysis {
  /** Errors of syntax, and names or types that the tables do not have. */
  errors: string[];
  /** Names of the columns of its result. */
  columns: string[];
}

/** Tables of Application Insights that queries may read, with the columns that they may use. */
const TABLES: Readonly<Record<string, string>> = {
  traces:
    '(timestamp: datetime, message: string, severityLevel: int, customDimensions: dynamic, operation_Id: string, cloud_RoleName: string)',
  requests:
    '(timestamp: datetime, id: string, name: string, url: string, success: string, resultCode: string, duration: real, customDimensions: dynamic, operation_Id: string)',
};

// The parts of Microsoft's language service that are used here; it is compiled from C# and defines a global.
interface List<T> {
  Count: number;
  getItem(at: number): T;
}
interface Language {
  GlobalState: { Default: { WithDatabase(database: unknown): unknown } };
  KustoCode: {
    ParseAndAnalyze(
      query: string,
      globals: unknown,
    ): {
      GetDiagnostics(): List<{ Severity: string; Message: string }>;
      ResultType: { Columns?: List<{ Name: string }> } | null;
    };
  };
  Symbols: {
    TableSymbol: { From(schema: string): { WithName(name: string): unknown } };
    DatabaseSymbol: { ctor: new (name: string, tables: unknown[]) => unknown };
  };
}

let loaded: { language: Language; globals: unknown } | null = null;

/** Parses and binds a query as Azure Monitor's editor does, against the tables above; it is not run. */
export function analyse(query: string): Analysis {
  loaded ??= load();
  const code = loaded.language.KustoCode.ParseAndAnalyze(query, loaded.globals);
  const errors = items(code.GetDiagnostics()).filter(({ Severity }) => Severity === 'Error');
  const columns = code.ResultType?.Columns;
  return {
    errors: errors.map(({ Message }) => Message),
    columns: columns === undefined ? [] : items(columns).map(({ Name }) => Name),
  };
}

function load(): { language: Language; globals: unknown } {
  const folder = dirname(createRequire(import.meta.url).resolve('@kusto/language-service-next/package.json'));
  for (const file of ['bridge.min.js', 'Kusto.Language.Bridge.min.js']) {
    runInThisContext(readFileSync(join(folder, file), 'utf8'), { filename: file });
  }
  const language = (globalThis as unknown as { Kusto: { Language: Language } }).Kusto.Language;
  const { TableSymbol, DatabaseSymbol } = language.Symbols;
  const tables = Object.entries(TABLES).map(([name, schema]) => TableSymbol.From(schema).WithName(name));
  const database = new DatabaseSymbol.ctor('insights', tables);
  return { language, globals: language.GlobalState.Default.WithDatabase(database) };
}

function items<T>(list: List<T>): T[] {
  return Array.from({ length: list.Count }, (_, at) => list.getItem(at));
}
