import { afterAll, beforeAll } from 'vitest';
import { createTableCheckpointStore } from '../../../../shared/adapters/table-storage/table-checkpoint-store.ts';
import { checkpointStoreContract } from '../../../contracts/checkpoint-store.contract.ts';
import { type Azurite, startAzurite } from '../../../support/azurite.ts';

let azurite: Azurite;
const open = () => createTableCheckpointStore({ connection: { connectionString: azurite.connectionString } });

beforeAll(async () => {
  azurite = await startAzurite();
  await open().ensureTables();
});
afterAll(() => azurite.stop());

checkpointStoreContract('Table Storage', open);
