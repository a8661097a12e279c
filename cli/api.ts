/** The answer was a refusal; the exit code tells scripts of what kind (1 failure, 3 not found, 4 sign-in, 5 moved on). */
export class ApiError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

interface Health {
  healthy: boolean;
  detail?: string;
  notReady?: string[];
}

/** The app's API, as the command line needs it. */
export interface Api {
  health(): Promise<Health>;
  /** Paths below `/api/v1/`. @throws ApiError */
  get(path: string): Promise<Record<string, unknown>>;
  post(path: string, body?: object): Promise<Record<string, unknown>>;
}

const EXIT_CODES: Readonly<Record<number, number>> = { 401: 4, 403: 4, 404: 3, 409: 5 };

export function createApi(options: { url: string; key?: string }): Api {
  const base = options.url.replace(/\/+$/, '');
  const headers: Record<string, string> = options.key === undefined ? {} : { 'x-functions-key': options.key };
  const call = async (path: string, method: 'GET' | 'POST', body?: object): Promise<Response> => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    try {
      return await fetch(`${base}${path}`, { method, headers, ...sent });
    } catch {
      throw new ApiError(`Nothing answers at ${base}. Try: npm start, or --url with the address of the app.`, 1);
    }
  };
  const json = async (path: string, method: 'GET' | 'POST', body?: object): Promise<Record<string, unknown>> => {
    const response = await call(`/api/v1/${path}`, method, body);
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (response.ok) return answer;
    const detail = String(answer['detail'] ?? `the app answered ${response.status}`);
    throw new ApiError(detail, EXIT_CODES[response.status] ?? 1);
  };
  return {
    health: async () => (await (await call('/api/health', 'GET')).json()) as Health,
    get: (path) => json(path, 'GET'),
    post: (path, body) => json(path, 'POST', body),
  };
}
