import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault, FaultClass } from '../../../shared/core/fault/fault.ts';
import type { CompiledMap } from '../../../shared/core/map/compiled-map.ts';
import type { RecordStore, RowWrite } from '../../../shared/ports/record-store.ts';
import { compiled, dataverseOn, finopsOn, shippedMap } from '../../contracts/record-stores.ts';
import { type Mishap, type SimulatedSystem, startDataverse, startFinops } from '../../contracts/simulated-system.ts';

type Side = 'dataverse' | 'finops';

const HTML = '<html><head><title>Gateway</title></head><body>Something went wrong.</body></html>';
const json = { 'content-type': 'application/json' };
const refuse = (status: number, body = '', headers: Record<string, string> = json): Mishap => ({
  kind: 'refuse',
  answer: { status, headers, body },
});
const html = (status: number): Mishap => refuse(status, HTML, { 'content-type': 'text/html' });
const asking = (wait: string): Mishap => refuse(429, '', { ...json, 'retry-after': wait });

/** What a read and what a write may make of an answer; `done` only where the system said that it carried it out. */
type Verdicts = readonly [read: readonly FaultClass[], write: readonly (FaultClass | 'done')[]];

const PASSING = ['transient'] as const;
const NONSENSE: Verdicts = [PASSING, ['unknown', 'done']];
const REFUSED: Verdicts = [
  ['transient', 'configuration'],
  ['business', 'configuration', 'missing-reference', 'gone', 'exists'],
];
/** A whole batch that is answered like this cannot be read, so its writes are looked after before they are repeated. */
const REDIRECTED: Verdicts = [
  ['configuration', 'transient'],
  ['configuration', 'unknown'],
];
const BROKEN: Verdicts = [PASSING, ['unknown']];

/** Faults by status: facts of HTTP (RFC 9110), "Service protection API limits" and "Service protection in F&O". */
const ANSWERS: readonly [what: string, mishap: Mishap, verdicts: Verdicts][] = [
  ['200 with text that is no JSON', refuse(200, 'hello'), NONSENSE],
  ['200 with JSON cut short', refuse(200, '{"value":[{"isocurrencycode":"US'), NONSENSE],
  ['200 with another shape', refuse(200, '{"value":7}'), NONSENSE],
  ['200 with rows that are none', refuse(200, '{"value":[7,null,"x"]}'), NONSENSE],
  ['200 with nothing', refuse(200), NONSENSE],
  ['200 with a page', html(200), NONSENSE],
  ['201 with nothing', refuse(201), NONSENSE],
  ['204', refuse(204), NONSENSE],
  ['304', refuse(304), REDIRECTED],
  ['302', refuse(302, '', { location: 'https://login.example/' }), REDIRECTED],
  ['400 with nothing', refuse(400), REFUSED],
  ['400 with a page', html(400), REFUSED],
  ['401', refuse(401), [['unauthorised'], ['unauthorised']]],
  ['403', refuse(403), [['unauthorised'], ['unauthorised']]],
  [
    '404 with a page',
    html(404),
    [
      ['transient', 'configuration'],
      ['gone', 'configuration', 'business', 'transient'],
    ],
  ],
  [
    '409 with nothing',
    refuse(409),
    [
      ['transient', 'configuration'],
      ['business', 'transient', 'stale', 'exists'],
    ],
  ],
  ['412 with nothing', refuse(412), [['transient', 'configuration', 'stale'], ['stale']]],
  [
    '413 with nothing',
    refuse(413),
    [
      ['transient', 'configuration'],
      ['business', 'configuration'],
    ],
  ],
  ['429 without a time', refuse(429), [['throttled'], ['throttled']]],
  ['429 for 7 seconds', asking('7'), [['throttled'], ['throttled']]],
  ['429 for a time that is none', asking('soon'), [['throttled'], ['throttled']]],
  ['429 for a negative time', asking('-5'), [['throttled'], ['throttled']]],
  ['429 until a date', asking('Fri, 01 Jan 2100 00:00:00 GMT'), [['throttled'], ['throttled']]],
  ['429 with a page', html(429), [['throttled'], ['throttled']]],
  ['500', refuse(500), BROKEN],
  ['500 with a page', html(500), BROKEN],
  ['502 with a page', html(502), BROKEN],
  ['503', refuse(503), [PASSING, ['transient']]],
  ['504', refuse(504), BROKEN],
  ['no answer: the connection breaks', { kind: 'lose-answer' }, BROKEN],
  ['half an answer', { kind: 'cut-answer' }, BROKEN],
  ['no answer in time', { kind: 'hang' }, BROKEN],
];

interface Scene {
  system: SimulatedSystem<never>;
  store: RecordStore;
  map: CompiledMap;
  stop(): Promise<void>;
}

async function start(side: Side): Promise<Scene> {
  const [dataverse, finops] = await Promise.all([startDataverse(), startFinops()]);
  const stores = {
    dataverse: dataverseOn(dataverse.origin, { timeoutMs: 150 }),
    finops: finopsOn(finops.origin, { timeoutMs: 150 }),
  };
  const table = shippedMap('finance/currencies--transactioncurrencies');
  const map = await compiled(table, stores.finops, stores.dataverse);
  const system = (side === 'dataverse' ? dataverse : finops) as unknown as SimulatedSystem<never>;
  return {
    system,
    store: stores[side].store,
    map,
    stop: async () => void (await Promise.all([dataverse.stop(), finops.stop()])),
  };
}

describe.each<Side>(['dataverse', 'finops'])('every answer that %s may give', (side) => {
  let scene: Scene;
  let rows: { key: string; id: string; address: string; version: string }[];
  const names = {
    code: side === 'dataverse' ? 'isocurrencycode' : 'CurrencyCode',
    name: side === 'dataverse' ? 'currencyname' : 'Name',
  };
  const insert = (code: string): RowWrite => ({
    key: code,
    operation: 'insert',
    rowId: side === 'dataverse' ? `5e1d0f3c-5a0e-4e11-8f6e-0000000000${code.charCodeAt(1)}` : null,
    address: null,
    ifMatch: null,
    values: {
      [names.code]: code.toUpperCase(),
      [names.name]: `Name of ${code}`,
      ...(side === 'dataverse' ? { currencysymbol: '¤', exchangerate: '1' } : {}),
    },
  });

  beforeAll(async () => {
    scene = await start(side);
    const written = await scene.store.write(scene.map, ['aaa', 'bbb'].map(insert));
    rows = written.map((result, index) => {
      if (result.kind !== 'done') throw new Error(result.fault.message);
      const { rowId, address, version } = result;
      return { key: ['aaa', 'bbb'][index] ?? '', id: rowId ?? '', address: address ?? '', version: version ?? '' };
    });
  });
  afterAll(() => scene?.stop());

  const update = ({ key, id, address, version }: (typeof rows)[number]): RowWrite => ({
    key,
    operation: 'update',
    rowId: id,
    address,
    ifMatch: version,
    values: { [names.name]: 'Another' },
  });

  it.each(ANSWERS)('I4: %s is a fault to a read, never an absence', async (_what, mishap, [allowed]) => {
    const { store, map, system } = scene;
    system.happenAlways(mishap);
    try {
      const one = { key: 'aaa', rowId: rows[0]?.id ?? null };
      const answers = [
        await store.read(map, [one]),
        await store.read(map, [one, { key: 'bbb', rowId: null }]),
        // F&O shows no RecId to read by.
        ...(side === 'dataverse'
          ? [
              await store.readByIds(
                map,
                rows.map(({ id }) => id),
              ),
            ]
          : []),
      ];
      for (const answer of answers) {
        expect(answer.ok, JSON.stringify(answer)).toBe(false);
        if (!answer.ok) expect(allowed, JSON.stringify(answer)).toContain(answer.fault.class);
        if (!answer.ok) expectSane(answer.fault);
      }
    } finally {
      system.happenAlways(null);
    }
  });

  it.each(ANSWERS)('I5: %s is what it is to a write, and nothing is thrown', async (_what, mishap, [, allowed]) => {
    const { store, map, system } = scene;
    const [first] = rows;
    if (first === undefined) throw new Error('There is no row.');
    const remove: RowWrite = { ...update(first), operation: 'delete', values: {} };
    for (const writes of [
      [insert('ccc')],
      [update(first)],
      [remove],
      rows.map(update),
      [insert('ddd'), update(first)],
    ]) {
      system.happenAlways(mishap);
      const results = await store.write(map, writes).finally(() => system.happenAlways(null));
      expect(results).toHaveLength(writes.length);
      for (const result of results) {
        const verdict = result.kind === 'done' ? 'done' : result.fault.class;
        expect(allowed, `${writes.map(({ operation }) => operation).join()}: ${JSON.stringify(result)}`).toContain(
          verdict,
        );
        if (result.kind === 'failed') expectSane(result.fault);
      }
    }
  });
});

function expectSane(fault: Fault): void {
  expect(fault.message.length).toBeGreaterThan(20);
  expect(fault.message).not.toMatch(/<html|undefined|\[object/i);
  if (fault.retryAfterMs !== undefined) expect(fault.retryAfterMs).toBeGreaterThanOrEqual(0);
}
