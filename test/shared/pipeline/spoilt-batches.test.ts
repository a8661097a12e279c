import { afterEach, describe, expect, it } from 'vitest';
import type { SimRequest } from '../../../local/simulators/exchange.ts';
import type { CompiledMap } from '../../../shared/core/map/compiled-map.ts';
import { otherSide, type Side } from '../../../shared/core/record/side.ts';
import { compiled, dataverseOn, finopsOn, identifiers, must, shippedMap } from '../../contracts/record-stores.ts';
import { type Mishap, startDataverse, startFinops } from '../../contracts/simulated-system.ts';
import { aChange } from '../../contracts/state-rows.ts';
import { createPipeline, type Pipeline } from './pipeline-fixture.ts';

const MAP = shippedMap('finance/currencies--transactioncurrencies');
const COUNT = 100;
const CODES = Array.from({ length: COUNT }, (_, index) => `X${String(index).padStart(2, '0')}`);
const keyOf = (code: string): string => code.toLowerCase();

interface Scene {
  pipeline: Pipeline;
  /** Writes that the target got, with the codes in each, and reads. */
  calls(): { writes: boolean; codes: string[] }[];
  /** What happens to each write with one of these codes in it. */
  spoil(mishap: Mishap, codes: readonly string[]): void;
  mend(): void;
  inTarget(): Promise<string[]>;
  stop(): Promise<unknown>;
}

let scene: Scene;
afterEach(() => scene.stop());

/** A hundred new rows of one side, which the real adapters are to bring to the other. */
async function newRowsFor(target: Side): Promise<Scene> {
  const pipeline = await createPipeline();
  const { clock } = pipeline.deps;
  const [dataverseSystem, finopsSystem] = await Promise.all([startDataverse(), startFinops()]);
  const dataverse = dataverseOn(dataverseSystem.origin, { timeoutMs: 500, clock });
  const finops = finopsOn(finopsSystem.origin, { timeoutMs: 500, clock });
  const map = await compiled(MAP, finops, dataverse);
  const stores = { finops: finops.store, dataverse: dataverse.store };
  const route = { map, finopsPhysicalName: null };
  Object.assign(pipeline.deps, {
    sides: stores,
    identifiers,
    maps: { routes: async () => [route], find: async () => route },
  });
  await pipeline.deps.mapStore.install(MAP, 'running');
  const source = otherSide(target);
  const written = await stores[source].write(
    map,
    CODES.map((code) => insertOf(map, source, code)),
  );
  expect(written.filter(({ kind }) => kind === 'failed')).toEqual([]);
  const system = target === 'dataverse' ? dataverseSystem : finopsSystem;
  const before = system.requests.length;
  return {
    pipeline,
    calls: () => system.requests.slice(before).map(callOf),
    spoil: (mishap, codes) =>
      system.happenAlways(mishap, (request) => {
        const call = callOf(requestOf(request));
        return call.writes && codes.some((code) => call.codes.includes(code));
      }),
    mend: () => system.happenAlways(null),
    async inTarget() {
      const rows = await stores[target].read(
        map,
        CODES.map((code) => ({ key: keyOf(code), rowId: null })),
      );
      return [...must(rows).keys()].map((key) => key.toUpperCase()).sort();
    },
    stop: () => Promise.all([dataverseSystem.stop(), finopsSystem.stop()]),
  };
}

function insertOf(map: CompiledMap, side: Side, code: string) {
  const columns = side === 'finops' ? { CurrencyCode: code, Name: code } : dataverseCurrency(code);
  const rowId = side === 'dataverse' ? `5e1d0f3c-5a0e-4e11-8f6e-0000000${code.slice(1).padStart(5, '0')}` : null;
  expect(map.keyOf(side, { id: '', values: columns })).toBe(keyOf(code));
  return { key: keyOf(code), operation: 'insert' as const, rowId, address: null, ifMatch: null, values: columns };
}

function dataverseCurrency(code: string) {
  return { isocurrencycode: code, currencyname: code, currencysymbol: '¤', exchangerate: '1', currencyprecision: '2' };
}

function requestOf({ method, path, body }: SimRequest) {
  return { method, path, body: body.toString('utf8') };
}

function callOf({ method, path, body }: { method: string; path: string; body: string }) {
  const writes = /^(?:POST|PATCH) \S+ HTTP/m.test(body) || (method !== 'GET' && !path.includes('$batch'));
  return { writes, codes: [...new Set(body.match(/\bX\d\d\b/g) ?? [])] };
}

const refuse = (status: number): Mishap => ({
  kind: 'refuse',
  answer: { status, headers: { 'content-type': 'text/html' }, body: '<html>Something went wrong.</html>' },
});
const allBut = (codes: readonly string[]): string[] => CODES.filter((code) => !codes.includes(code));

describe.each<Side>(['dataverse', 'finops'])('a batch of new rows for %s', (target) => {
  const synchronise = ({ pipeline }: Scene) =>
    pipeline.run(CODES.map((code) => aChange(MAP.id, keyOf(code), { hinted: [otherSide(target)] })));
  const entries = async ({ pipeline }: Scene, code: string) =>
    pipeline.deps.state.listAudit({ mapId: MAP.id, key: keyOf(code) });

  it.each([400, 413])('I12: that is answered %i for one of them brings the others over', async (status) => {
    scene = await newRowsFor(target);
    scene.spoil(refuse(status), ['X41']);
    await synchronise(scene);
    expect(await scene.inTarget()).toEqual(allBut(['X41']));
    const parked = await scene.pipeline.parked();
    expect(parked).toMatchObject([{ identity: 'k|x41', reason: 'failed', fault: { code: 'TW205' } }]);
    expect(scene.calls().filter(({ writes }) => writes).length).toBeLessThanOrEqual(1 + 2 * 7);
  });

  it.each<[string, Mishap]>([
    ['answered 500', refuse(500)],
    ['answered 502', refuse(502)],
    ['not answered in time', { kind: 'hang' }],
  ])('I12: that is %s for one of them brings the others over', async (_what, mishap) => {
    scene = await newRowsFor(target);
    scene.spoil(mishap, ['X41']);
    await synchronise(scene);
    expect(await scene.inTarget()).toEqual(allBut(['X41']));
    expect(await scene.pipeline.parked()).toMatchObject([{ identity: 'k|x41', reason: 'attempts-exhausted' }]);
    expect(scene.calls().filter(({ writes }) => writes).length).toBeLessThanOrEqual(1 + 8 + 8 + 8);
    for (const code of allBut(['X41'])) expect(await entries(scene, code)).toHaveLength(1);
  });

  it('I9: that was carried out, though no answer came, is looked at and not sent again', async () => {
    scene = await newRowsFor(target);
    scene.spoil({ kind: 'lose-answer' }, ['X41']);
    await synchronise(scene);
    expect(await scene.inTarget()).toEqual(CODES);
    expect(await scene.pipeline.parked()).toEqual([]);
    expect(scene.calls().filter(({ writes }) => writes)).toHaveLength(1);
    for (const code of CODES) expect(await entries(scene, code)).toMatchObject([{ inferred: true }]);
  });

  it('I12: with several that spoil it brings the others over, and those when the cause is gone', async () => {
    scene = await newRowsFor(target);
    const culprits = ['X03', 'X41', 'X42', 'X97'];
    scene.spoil(refuse(500), culprits);
    await synchronise(scene);
    expect(await scene.inTarget()).toEqual(allBut(culprits));
    scene.mend();
    await scene.pipeline.wait(60_000);
    expect(await scene.inTarget()).toEqual(CODES);
    for (const code of CODES) expect(await entries(scene, code)).toHaveLength(1);
    expect(await scene.pipeline.parked()).toEqual([]);
  });
});
