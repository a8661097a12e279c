import { createMemorySideBlocks } from '../../../../shared/adapters/memory/memory-side-blocks.ts';
import { sideBlocksContract } from '../../../contracts/side-blocks.contract.ts';

const blocks = createMemorySideBlocks();
sideBlocksContract('the memory', () => blocks);
