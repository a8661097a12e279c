import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTableSideBlocks } from '../../../../shared/adapters/table-storage/table-side-blocks.ts';
import { sideBlocksContract } from '../../../contracts/side-blocks.contract.ts';
import { NOW } from '../../../contracts/state-rows.ts';
import { type Azurite, startAzurite } from '../../../support/azurite.ts';

let azurite: Azurite;
let nowMs = NOW;
const open = () =>
  createTableSideBlocks({
    connection: { connectionString: azurite.connectionString },
    clock: { nowMs: () => nowMs },
  });

beforeAll(async () => {
  azurite = await startAzurite();
  await open().ensureTables();
});
afterAll(() => azurite.stop());

sideBlocksContract('Table Storage', open);

it('I6: what one instance was told, another knows within seconds, and asks for no more often', async () => {
  const [one, other] = [open(), open()];
  nowMs = NOW + 60_000;
  expect(await other.blockedUntil('dataverse')).toBe(0);
  await one.block('dataverse', nowMs + 30_000);
  expect(await one.blockedUntil('dataverse')).toBe(nowMs + 30_000);
  expect(await other.blockedUntil('dataverse')).toBe(0);
  nowMs += 5_000;
  expect(await other.blockedUntil('dataverse')).toBe(nowMs + 25_000);
  const before = other.operations();
  nowMs += 20_000;
  expect(await other.blockedUntil('dataverse')).toBe(nowMs + 5_000);
  expect(other.operations()).toEqual(before);
});
