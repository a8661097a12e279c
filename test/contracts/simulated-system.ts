import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  createDataverseSimulator,
  type DataverseOptions,
  type DataverseSimulator,
} from '../../local/simulators/dataverse/dataverse-simulator.ts';
import type { TableMetadata } from '../../local/simulators/dataverse/table-metadata.ts';
import type { SimRequest, SimResponse, Simulator } from '../../local/simulators/exchange.ts';
import type { FinopsOptions } from '../../local/simulators/finops/environment.ts';
import { createFinopsSimulator, type FinopsSimulator } from '../../local/simulators/finops/finops-simulator.ts';
import type { EntityMetadata, EnumMember } from '../../local/simulators/finops/metadata.ts';

/** What happens to the next request instead of, or after, its being carried out. */
export type Mishap =
  | { kind: 'refuse'; answer: SimResponse }
  | { kind: 'lose-answer' }
  /** The connection breaks in the middle of the answer. */
  | { kind: 'cut-answer' }
  /** No answer comes. */
  | { kind: 'hang' };

/** A simulated system behind a real HTTP server on a free port of 127.0.0.1. */
export interface SimulatedSystem<S extends Simulator> {
  simulator: S;
  /** Address of the server, without a path. */
  origin: string;
  /** Requests carried out or refused, oldest first. */
  requests: { method: string; path: string; body: string; headers: Record<string, string> }[];
  /** Mishaps for the next requests that the condition holds for, one each. */
  happenNext(mishap: Mishap, condition?: (request: SimRequest) => boolean): void;
  /** What happens to every request from now on that the condition holds for; null: nothing. */
  happenAlways(mishap: Mishap | null, condition?: (request: SimRequest) => boolean): void;
  stop(): Promise<void>;
}

const METADATA = join(import.meta.dirname, '../../maps/metadata');

function readMetadata<T>(folder: string): T[] {
  return readdirSync(join(METADATA, folder))
    .filter((name) => name.endsWith('.json') && name !== 'enums.json')
    .map((name) => JSON.parse(readFileSync(join(METADATA, folder, name), 'utf8')) as T);
}

/** Dataverse with the tables of the shipped metadata; the Web API is at `/api/data/v9.2/`. */
export function startDataverse(
  options: Pick<DataverseOptions, 'post'> = {},
): Promise<SimulatedSystem<DataverseSimulator>> {
  const tables = readMetadata<TableMetadata>('dataverse');
  const simulator = createDataverseSimulator({ ...options, tables, random: Math.random, now: Date.now });
  return serve(simulator, () => simulator.stop());
}

/** F&O with the entities of the shipped metadata; OData is at `/data/`, metadata at `/metadata/`. */
export function startFinops(
  options: Pick<FinopsOptions, 'post' | 'businessEvents'> = {},
): Promise<SimulatedSystem<FinopsSimulator>> {
  const enums = JSON.parse(readFileSync(join(METADATA, 'finops/enums.json'), 'utf8')) as Record<string, EnumMember[]>;
  const entities = readMetadata<EntityMetadata>('finops');
  const simulator = createFinopsSimulator({
    ...options,
    entities,
    enums,
    random: Math.random,
    now: Date.now,
    mountPath: '',
  });
  return serve(simulator, () => undefined);
}

async function serve<S extends Simulator>(simulator: S, dispose: () => void): Promise<SimulatedSystem<S>> {
  const planned: { mishap: Mishap; condition: (request: SimRequest) => boolean }[] = [];
  const requests: SimulatedSystem<S>['requests'] = [];
  let always: { mishap: Mishap | null; condition: (request: SimRequest) => boolean } | null = null;
  const server = createServer((incoming, outgoing) => {
    void readRequest(incoming).then(async (request) => {
      requests.push({
        method: request.method,
        path: `${request.path}?${request.rawQuery}`,
        body: request.body.toString('utf8'),
        headers: request.headers,
      });
      const index = planned.findIndex(({ condition }) => condition(request));
      const [next] = index < 0 ? [] : planned.splice(index, 1);
      const mishap = next?.mishap ?? (always?.condition(request) === true ? always.mishap : null);
      if (mishap?.kind === 'hang') return;
      const answer = mishap?.kind === 'refuse' ? mishap.answer : await simulator.handle(request);
      if (mishap?.kind === 'lose-answer') outgoing.destroy();
      else if (mishap?.kind === 'cut-answer') {
        outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': String(answer.body.length + 100) });
        outgoing.write(answer.body.slice(0, Math.ceil(answer.body.length / 2)), () => outgoing.destroy());
      } else outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    simulator,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    happenNext: (mishap, condition = () => true) => planned.push({ mishap, condition }),
    happenAlways: (mishap, condition = () => true) => {
      always = { mishap, condition };
    },
    stop: async () => {
      dispose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readRequest(incoming: IncomingMessage): Promise<SimRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const [path = '', rawQuery = ''] = (incoming.url ?? '').split(/\?(.*)/s);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
  const query = new URLSearchParams(rawQuery);
  return { method: incoming.method ?? 'GET', path, query, rawQuery, headers, body: Buffer.concat(chunks) };
}
