import { allAnswers } from '../../shared/adapters/http/batch-sender.ts';
import { type RecordStoreHarness, recordStoreContract } from './record-store.contract.ts';
import { compiled, dataverseOn, finopsOn, must, shippedMap } from './record-stores.ts';
import { startDataverse, startFinops } from './simulated-system.ts';

const groups = { ...shippedMap('finance/customer-groups--msdyn_customergroups'), matchBy: ['Description'] };

async function start(side: 'dataverse' | 'finops'): Promise<RecordStoreHarness> {
  const [dataverse, finops] = await Promise.all([startDataverse(), startFinops()]);
  const stores = { dataverse: dataverseOn(dataverse.origin), finops: finopsOn(finops.origin) };
  const map = await compiled(groups, stores.finops, stores.dataverse);
  await addCompany(stores.dataverse);
  const system = side === 'dataverse' ? dataverse : finops;
  return {
    side,
    map,
    store: stores[side].store,
    missingReference:
      side === 'dataverse'
        ? { class: 'missing-reference', field: 'msdyn_paymenttermid.msdyn_name' }
        : { class: 'business' },
    happenNext: (mishap) => system.happenNext(mishap),
    calls: () => system.requests.length,
    stop: async () => {
      await Promise.all([dataverse.stop(), finops.stop()]);
    },
  };
}

/** The company that the rows belong to. */
async function addCompany({ api }: ReturnType<typeof dataverseOn>): Promise<void> {
  const body = JSON.stringify({ cdm_companycode: 'usmf', cdm_name: 'Contoso' });
  must(allAnswers(await api.write([{ method: 'POST', url: `${api.root}cdm_companies`, body }])));
}

recordStoreContract('record store of Dataverse', () => start('dataverse'));
recordStoreContract('record store of Finance and Operations', () => start('finops'));
