import { afterAll, beforeAll, expect, test } from 'vitest';
import { shippedMap } from '../contracts/record-stores.ts';
import { type Calls, pipelineInProcess } from './pipeline-in-process.ts';

const COMPANY = 'usmf';
const GROUPS = 100;

let pipeline: Awaited<ReturnType<typeof pipelineInProcess>>;
let groups: { number: string; id: string }[];

const groupKey = (number: string) => ({ dataAreaId: COMPANY, CustomerGroupId: number });

beforeAll(async () => {
  pipeline = await pipelineInProcess(shippedMap('finance/customer-groups--msdyn_customergroups'));
  const { finops, dataverse } = pipeline.people;
  await finops.create('LegalEntities', { LegalEntityId: COMPANY, Name: 'A company', LanguageId: 'en-us' });
  await dataverse.create('cdm_company', { cdm_companycode: COMPANY, cdm_name: 'A company' });
  for (let index = 0; index < GROUPS; index += 1) {
    await finops.create('CustomerGroups', { ...groupKey(`G${index}`), Description: `Group ${index}` });
  }
  await settle();
  const rows = await dataverse.all('msdyn_customergroup');
  groups = rows.map((row) => ({ number: String(row['msdyn_groupid']), id: String(row['msdyn_customergroupid']) }));
  expect(groups).toHaveLength(GROUPS);
});
afterAll(() => pipeline.close());

/** Until no event is left that the app does not know for its own. */
async function settle(): Promise<void> {
  for (;;) {
    const { events, echoes } = await pipeline.takeIn();
    if (events === echoes) return;
    await pipeline.run();
  }
}

/** The calls that something costs. */
async function costOf(act: () => Promise<unknown>): Promise<Calls> {
  const before = await pipeline.calls();
  await act();
  const after = await pipeline.calls();
  return { finops: after.finops - before.finops, dataverse: after.dataverse - before.dataverse };
}

const editInFinops = (index: number, text: string) =>
  pipeline.people.finops.update('CustomerGroups', groupKey(groups[index]!.number), { Description: text });
const editInDataverse = (index: number, text: string) =>
  pipeline.people.dataverse.update('msdyn_customergroup', groups[index]!.id, { msdyn_description: text });

test('R4: a single edit in F&O costs one read there and one write in Dataverse, whose tagged echo costs nothing', async () => {
  await editInFinops(0, 'named in F&O');
  expect(await pipeline.takeIn()).toEqual({ events: 1, echoes: 0 });
  expect(await costOf(() => pipeline.run())).toEqual({ finops: 1, dataverse: 1 });
  const echo = await costOf(async () => {
    expect(await pipeline.takeIn()).toEqual({ events: 1, echoes: 1 });
    await pipeline.run();
  });
  expect(echo).toEqual({ finops: 0, dataverse: 0 });
  const row = await pipeline.people.dataverse.find('msdyn_customergroup', `msdyn_groupid eq '${groups[0]!.number}'`);
  expect(row?.['msdyn_description']).toBe('named in F&O');
});

test('R4: a single edit in Dataverse costs one read there and one write in F&O, whose echo costs nothing', async () => {
  await editInDataverse(1, 'named in Dataverse');
  expect(await pipeline.takeIn()).toEqual({ events: 1, echoes: 0 });
  expect(await costOf(() => pipeline.run())).toEqual({ finops: 1, dataverse: 1 });
  expect(await pipeline.takeIn()).toEqual({ events: 1, echoes: 0 });
  expect(await costOf(() => pipeline.run())).toEqual({ finops: 0, dataverse: 0 });
  expect(await pipeline.takeIn()).toEqual({ events: 0, echoes: 0 });
  const row = await pipeline.people.finops.read('CustomerGroups', groupKey(groups[1]!.number));
  expect(row?.['Description']).toBe('named in Dataverse');
});

test('R4: a burst of a hundred edits of different records costs two calls from F&O to Dataverse', async () => {
  await Promise.all(groups.map((_, index) => editInFinops(index, `burst ${index}`)));
  expect(await pipeline.takeIn()).toEqual({ events: GROUPS, echoes: 0 });
  expect(await costOf(() => pipeline.run())).toEqual({ finops: 1, dataverse: 1 });
  expect(await pipeline.takeIn()).toEqual({ events: GROUPS, echoes: GROUPS });
});

test('R4: a burst of a hundred edits costs two calls from Dataverse to F&O, whose echoes cost nothing', async () => {
  await Promise.all(groups.map((_, index) => editInDataverse(index, `burst back ${index}`)));
  expect(await pipeline.takeIn()).toEqual({ events: GROUPS, echoes: 0 });
  expect(await costOf(() => pipeline.run())).toEqual({ finops: 1, dataverse: 1 });
  expect(await pipeline.takeIn()).toEqual({ events: GROUPS, echoes: 0 });
  expect(await costOf(() => pipeline.run())).toEqual({ finops: 0, dataverse: 0 });
});
