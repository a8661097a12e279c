import { createMemoryCheckpointStore } from '../../../../shared/adapters/memory/memory-checkpoint-store.ts';
import { checkpointStoreContract } from '../../../contracts/checkpoint-store.contract.ts';

const store = createMemoryCheckpointStore();

checkpointStoreContract('memory', () => store);
