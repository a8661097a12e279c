import { afterEach, beforeEach, expect, it } from 'vitest';
import { pipelineInProcess } from '../../bench/pipeline-in-process.ts';
import { shippedMap } from '../../contracts/record-stores.ts';

const MAP = shippedMap('finance/customer-groups--msdyn_customergroups');
const COMPANY = 'usmf';
const KEY = { dataAreaId: COMPANY, CustomerGroupId: 'G1' };

let pipeline: Awaited<ReturnType<typeof pipelineInProcess>>;

beforeEach(async () => {
  pipeline = await pipelineInProcess(MAP);
  const { finops, dataverse } = pipeline.people;
  await finops.create('LegalEntities', { LegalEntityId: COMPANY, Name: 'A company', LanguageId: 'en-us' });
  await dataverse.create('cdm_company', { cdm_companycode: COMPANY, cdm_name: 'A company' });
  await finops.create('CustomerGroups', { ...KEY, Description: 'as it was' });
  for (let events = 1, echoes = 0; events !== echoes; ) {
    ({ events, echoes } = await pipeline.takeIn());
    await pipeline.run();
  }
  expect(await pipeline.catchUp()).toBe(0);
});
afterEach(() => pipeline.close());

const groupId = async (): Promise<string> => {
  const row = await pipeline.people.dataverse.find('msdyn_customergroup', "msdyn_groupid eq 'G1'");
  return String(row?.['msdyn_customergroupid']);
};
const inFinops = () => pipeline.people.finops.read('CustomerGroups', KEY);
const edit = async (text: string) =>
  pipeline.people.dataverse.update('msdyn_customergroup', await groupId(), { msdyn_description: text });

/** Catches up and carries out what is found; the number of hints. */
async function caughtUp(): Promise<number> {
  const hinted = await pipeline.catchUp();
  await pipeline.run();
  return hinted;
}

it('I1: an edit whose event was lost crosses with the next catch-up', async () => {
  await edit('unheard of');
  await pipeline.loseEvents();
  expect(await caughtUp()).toBe(1);
  expect((await inFinops())?.['Description']).toBe('unheard of');
});

it('I1: a deletion whose event was lost is carried over, for Dataverse tells of it', async () => {
  await pipeline.people.dataverse.remove('msdyn_customergroup', await groupId());
  await pipeline.loseEvents();
  expect(await caughtUp()).toBe(1);
  const left = await inFinops();
  if (MAP.deletes.dataverseToFinops === 'propagate') expect(left).toBeUndefined();
  else expect(left).toBeDefined();
});

it('R4: a run with nothing new is one call to Dataverse, and finds nothing of what events or our own writes told', async () => {
  const before = await pipeline.calls();
  expect(await caughtUp()).toBe(0);
  const after = await pipeline.calls();
  expect(after).toEqual({ finops: before.finops, dataverse: before.dataverse + 1 });
  await edit('heard of');
  await pipeline.takeIn();
  await pipeline.run();
  await pipeline.people.finops.update('CustomerGroups', KEY, { Description: 'written by us' });
  await pipeline.takeIn();
  await pipeline.run();
  expect(await caughtUp()).toBe(0);
});

it('begins with all rows again when Dataverse no longer knows the place to go on from', async () => {
  await edit('long ago');
  await pipeline.loseEvents();
  pipeline.expireDeltaLinks();
  expect(await caughtUp()).toBe(1);
  expect((await inFinops())?.['Description']).toBe('long ago');
});

it('I7: asks nothing for a map that is paused, nor while Dataverse asked for a pause', async () => {
  await edit('while paused');
  await pipeline.loseEvents();
  const before = await pipeline.calls();
  await pipeline.mapStore.setStatus(MAP.id, 'paused');
  expect(await pipeline.catchUp()).toBe(0);
  await pipeline.mapStore.setStatus(MAP.id, 'running');
  await pipeline.blocks.block('dataverse', Date.now() + 60_000);
  expect(await pipeline.catchUp()).toBe(0);
  expect(await pipeline.calls()).toEqual(before);
});

it('creates a row whose event was lost, but copies none that was there before the first run', async () => {
  const fresh = await pipelineInProcess(MAP);
  const { finops, dataverse } = fresh.people;
  await finops.create('LegalEntities', { LegalEntityId: COMPANY, Name: 'A company', LanguageId: 'en-us' });
  const company = await dataverse.create('cdm_company', { cdm_companycode: COMPANY, cdm_name: 'A company' });
  const create = (number: string) =>
    dataverse.create('msdyn_customergroup', {
      msdyn_groupid: number,
      'msdyn_company@odata.bind': `/cdm_companies(${company['cdm_companyid']})`,
    });
  await create('OLD');
  await fresh.loseEvents();
  expect(await fresh.catchUp()).toBe(0);
  await create('NEW');
  await fresh.loseEvents();
  expect(await fresh.catchUp()).toBe(1);
  fresh.expireDeltaLinks();
  await fresh.run();
  expect(await fresh.catchUp()).toBe(0);
  await fresh.close();
});
