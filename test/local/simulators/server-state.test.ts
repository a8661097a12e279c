import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunningSimulators } from '../../../local/simulators/server.ts';
import { caller, control, received, runServers, start, workFolder } from './server-fixture.ts';

runServers();

describe('state and page', () => {
  it('finds rows of both sides again after a restart, and starts empty without the file', async () => {
    const statePath = join(workFolder(), 'state', 'simulators.json');
    const first = await start({ statePath });
    await control(first, 'POST', 'rows/dataverse/cdm_company', { cdm_companycode: 'usmf', cdm_name: 'A' });
    await control(first, 'POST', 'rows/finops/Currencies', { CurrencyCode: 'USD', Name: 'US Dollar' });
    await first.close();
    const second = await start({ statePath });
    const rows = async (simulators: RunningSimulators, path: string) =>
      ((await (await control(simulators, 'GET', `rows/${path}`)).json()) as { value: object[] }).value.length;
    expect([await rows(second, 'dataverse/cdm_company'), await rows(second, 'finops/Currencies')]).toEqual([1, 1]);
    await second.close();
    await rm(statePath);
    const third = await start({ statePath });
    expect(await rows(third, 'dataverse/cdm_company')).toBe(0);
  });

  it('refuses to start on a damaged state file', async () => {
    const statePath = join(workFolder(), 'state.json');
    await writeFile(statePath, '{"dataverse":{}');
    await expect(start({ statePath })).rejects.toThrow();
  });

  it('loads seed rows with lookups by key and raises no events for them', async () => {
    const simulators = await start({
      seed: {
        finops: [{ entitySet: 'Currencies', rows: [{ CurrencyCode: 'USD', Name: 'US Dollar' }] }],
        dataverse: [
          { table: 'cdm_company', rows: [{ cdm_companycode: 'usmf', cdm_name: 'Contoso' }] },
          {
            table: 'msdyn_customergroup',
            rows: [{ msdyn_groupid: '30', 'msdyn_company@key': { cdm_companycode: 'usmf' } }],
          },
        ],
      },
    });
    const call = await caller(simulators);
    const groups = await call(
      'GET',
      "/dataverse/api/data/v9.2/msdyn_customergroups?$filter=msdyn_company/cdm_companycode eq 'usmf'",
    );
    expect(((await groups.json()) as { value: object[] }).value).toHaveLength(1);
    await simulators.dataverse.webhooksIdle();
    expect(received.filter(({ url }) => url === '/dataverse')).toEqual([]);
  });

  it('serves the page and nothing outside its folder', async () => {
    await writeFile(join(workFolder(), 'index.html'), '<h1>Two systems</h1>');
    const { url } = await start({ pageDirectory: workFolder() });
    const page = await fetch(`${url}/sim`);
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
      200,
      'text/html; charset=utf-8',
      '<h1>Two systems</h1>',
    ]);
    expect((await fetch(`${url}/sim/nosuch.js`)).status).toBe(404);
    expect((await fetch(`${url}/sim/..%2f..%2fetc%2fpasswd`)).status).toBe(404);
  });
});

describe('a subscriber that is away', () => {
  it('leaves failed system jobs in Dataverse that the page can read, and counts the posts', async () => {
    const away = {
      dataverseUrl: 'http://127.0.0.1:9/dataverse',
      finopsUrl: 'http://127.0.0.1:9/finops',
      key: 'secret',
    };
    const simulators = await start({ webhooks: away });
    await control(simulators, 'POST', 'rows/dataverse/cdm_company', { cdm_companycode: 'usmf', cdm_name: 'A' });
    await simulators.dataverse.webhooksIdle();
    const jobs = await control(simulators, 'GET', 'rows/dataverse/asyncoperation?$filter=statuscode eq 31');
    const { value } = (await jobs.json()) as { value: Record<string, unknown>[] };
    expect(value).toHaveLength(1);
    expect(value[0]).toMatchObject({ messagename: 'Create', primaryentitytype: 'cdm_company' });
    const counts = (await (await control(simulators, 'GET', 'counts')).json()) as Record<
      string,
      Record<string, unknown>
    >;
    expect(counts['dataverse']).toMatchObject({ webhooks: { sent: 1, delivered: 0, failed: 1 } });
  });
});
