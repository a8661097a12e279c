import { createMemoryMapStore } from '../../../../shared/adapters/memory/memory-map-store.ts';
import { mapStoreContract } from '../../../contracts/map-store.contract.ts';

mapStoreContract('the memory', createMemoryMapStore);
