import { expect } from 'vitest';
import { type Host, startHost } from '../../../local/host/host.ts';

interface Status {
  readonly runtimeStatus: string;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly input: unknown;
  readonly historyEvents?: readonly { readonly EventType: string; readonly FunctionName?: string }[];
}

/** A host with the orchestrations of these tests, and ways to drive them over the management API. */
export async function openOrchestrationHost() {
  const lines: string[] = [];
  const host: Host = await startHost({
    appDirectory: `${import.meta.dirname}/apps`,
    entry: 'orchestrations.ts',
    port: 0,
    settings: {},
    log: (line) => lines.push(line),
  });
  const management = `http://127.0.0.1:${host.port}/runtime/webhooks/durabletask`;
  const post = (path: string, body?: unknown) =>
    fetch(`${management}/${path}`, { method: 'POST', body: body === undefined ? null : JSON.stringify(body) });
  const status = async (id: string, query = ''): Promise<Status> =>
    (await (await fetch(`${management}/instances/${id}?${query}`)).json()) as Status;
  const settled = async (id: string, done: (now: Status) => boolean): Promise<Status> => {
    for (;;) {
      const now = await status(id);
      if (done(now)) {
        return now;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  let started = 0;
  const start = async (name: string, input?: unknown): Promise<string> => {
    started += 1;
    const id = `${name}-${started}`;
    const response = await post(`orchestrators/${name}/${id}`, input);
    expect(response.status).toBe(202);
    return id;
  };
  const run = async (name: string, input?: unknown): Promise<Status> => {
    const id = await start(name, input);
    return await settled(id, ({ runtimeStatus }) => ['Completed', 'Failed', 'Terminated'].includes(runtimeStatus));
  };
  const output = async (name: string, input?: unknown): Promise<unknown> => {
    const end = await run(name, input);
    expect(end).toMatchObject({ runtimeStatus: 'Completed' });
    return end.output;
  };
  return { host, management, lines, post, status, settled, start, run, output };
}
