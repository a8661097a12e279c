import { describe, expect, it } from 'vitest';
import { handleCommand } from '../../../shared/pipeline/handle-command.ts';
import { aChange } from '../../contracts/state-rows.ts';
import { aFault } from './memory-side.ts';
import { numberedPersons, personChange } from './numbered-persons.ts';

describe('a record that F&O numbers', () => {
  it('R27: is created without a number, which goes back to Dataverse, and its link moves there', async () => {
    const { pipeline, finops, dataverse, id } = await numberedPersons();
    await pipeline.run([personChange(id)]);
    expect([...finops.rows.values()].map(({ values }) => values)).toMatchObject([
      { Account: 'n1', Name: 'Ada', Reference: id, dataAreaId: 'usmf' },
    ]);
    expect([...dataverse.rows.values()].map(({ values }) => values)).toMatchObject([{ number: 'n1', name: 'Ada' }]);
    expect(await pipeline.link('usmf|n1', 'persons')).toMatchObject({ state: 'linked', movedFrom: null });
    expect(await pipeline.parked()).toEqual([]);
  });

  it('R27: is found by the id of its Dataverse row when the answer to its create was lost', async () => {
    const { pipeline, finops, dataverse, id } = await numberedPersons();
    let lost = 1;
    finops.script.afterWrite = () => {
      lost -= 1;
      return lost >= 0 ? aFault('unknown', 'TW103') : null;
    };
    await pipeline.run([personChange(id)]);
    expect(finops.rows.size).toBe(1);
    expect(dataverse.rows.get(id)?.values).toMatchObject({ number: 'n1' });
  });

  it('R27: is completed by the next attempt when the host dies after each step', async () => {
    for (const step of ['plan', 'write', 'record'] as const) {
      const { pipeline, finops, dataverse, id } = await numberedPersons();
      await pipeline.run([personChange(id)], { dies: ({ kind }) => kind === step });
      expect([finops.rows.size, dataverse.rows.size]).toEqual([1, 1]);
      expect(dataverse.rows.get(id)?.values).toMatchObject({ number: 'n1' });
    }
  });

  it('R27: keeps the event of its own F&O row from making a second record, before its number is recorded', async () => {
    const { pipeline, finops, id } = await numberedPersons();
    const plans: unknown[] = [];
    const created = aChange('persons', 'usmf|n1', { created: true });
    await pipeline.run([personChange(id)], {
      before: async ({ kind }) => {
        if (kind !== 'record' || plans.length > 0) return;
        expect(finops.rows.size).toBe(1);
        plans.push(
          await handleCommand(pipeline.deps, { kind: 'plan', mapId: 'persons', owner: 'other', changes: [created] }),
        );
      },
    });
    expect(plans).toMatchObject([{ claimed: [], settled: 0, again: [{ key: `usmf|unnumbered:${id}` }] }]);
  });

  it('R27: with a number that somebody typed in Dataverse is created under that number', async () => {
    const { pipeline, finops, dataverse, id } = await numberedPersons();
    dataverse.edit(id, { number: 'typed' });
    await pipeline.run([personChange(id)]);
    expect([...finops.rows.values()].map(({ values }) => values)).toMatchObject([{ Account: 'typed', Reference: id }]);
  });

  it('R27: is given its number again when that was taken away in Dataverse', async () => {
    const { pipeline, finops, dataverse, id } = await numberedPersons();
    await pipeline.run([personChange(id)]);
    dataverse.edit(id, { number: null });
    await pipeline.run([personChange(id)]);
    expect(dataverse.rows.get(id)?.values).toMatchObject({ number: 'n1' });
    expect(await pipeline.parked()).toEqual([]);
    expect(finops.rows.size).toBe(1);
  });
});
