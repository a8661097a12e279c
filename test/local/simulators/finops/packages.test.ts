import { beforeEach, describe, expect, test } from 'vitest';
import { parseCsv } from '../../../../local/simulators/finops/csv-file.ts';
import { readZip, writeZip } from '../../../../local/simulators/finops/zip-archive.ts';
import { activation } from './events-fixture.ts';
import { createFixture, type Fixture, reason, seed } from './finops-fixture.ts';

// Facts: "Data management package REST API".

let fixture: Fixture;
const actions = '/data/DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities.';
const project = { id: 'Customers', entities: ['CustomerGroup', 'CustomersV3'] };

async function call(action: string, body: Record<string, unknown>): Promise<string> {
  const answer = await fixture.send('POST', `${actions}${action}`, body);
  return answer.status === 200 ? answer.json.value : `${answer.status} ${reason(answer)}`;
}

async function download(url: string): Promise<Map<string, string>> {
  const [path, rawQuery] = url.replace('http://127.0.0.1:7080/finops', '').split('?') as [string, string];
  const response = await fixture.simulator.handle({
    method: 'GET',
    path,
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers: {},
    body: Buffer.alloc(0),
  });
  const files = readZip(Buffer.from(response.body));
  return new Map(files.map((file) => [file.name, file.content.toString()]));
}

async function upload(files: Record<string, string>): Promise<string> {
  const { BlobUrl } = JSON.parse(await call('GetAzureWriteUrl', { uniqueFileName: 'in.zip' }));
  const content = Object.entries(files).map(([name, text]) => ({ name, content: Buffer.from(text) }));
  const [path, rawQuery] = BlobUrl.replace('http://127.0.0.1:7080/finops', '').split('?');
  const query = new URLSearchParams(rawQuery);
  const body = writeZip(content);
  const response = await fixture.simulator.handle({ method: 'PUT', path, rawQuery, query, headers: {}, body });
  expect(response.status).toBe(201);
  return BlobUrl;
}

function importArguments(packageUrl: string): Record<string, unknown> {
  const definitionGroupId = project.id;
  return { packageUrl, definitionGroupId, executionId: 'in', execute: true, overwrite: true, legalEntityId: 'USMF' };
}

function exportArguments(executionId: string): Record<string, unknown> {
  const definitionGroupId = project.id;
  return { definitionGroupId, packageName: 'out', executionId, reExecute: false, legalEntityId: 'USMF' };
}

const empty = { 'Manifest.xml': '<m/>', 'PackageHeader.xml': '<h/>' };

beforeEach(() => {
  fixture = createFixture({ dataProjects: [project] });
  const group = { dataAreaId: 'usmf', CustomerGroupId: '10', Description: 'Big, "old"\r\ncustomers' };
  seed(fixture, 'CustomerGroup', group, { ...group, dataAreaId: 'demf' });
  const values = { CustomerAccount: 'C1', CreditLimit: 1.5, CreditRatingDate: '2020-05-01T12:00:00Z' };
  seed(fixture, 'CustomerV3', { dataAreaId: 'usmf', ...values });
});

describe('an export', () => {
  test('packs one company, with staging names and symbols', async () => {
    expect(await call('ExportToPackage', exportArguments('out-1'))).toBe('out-1');
    expect(await call('GetExecutionSummaryStatus', { executionId: 'out-1' })).toBe('Succeeded');
    const files = await download(await call('GetExportedPackageUrl', { executionId: 'out-1' }));
    expect([...files.keys()]).toEqual(['Manifest.xml', 'PackageHeader.xml', 'Customer groups.csv', 'Customers V3.csv']);
    expect(parseCsv(files.get('Customer groups.csv') ?? '')).toEqual([
      ['CUSTOMERGROUPID', 'DESCRIPTION', 'ISSALESTAXINCLUDEDINPRICE'],
      ['10', 'Big, "old"\r\ncustomers', 'No'],
    ]);
    const [header = [], row = []] = parseCsv(files.get('Customers V3.csv') ?? '');
    const cells = Object.fromEntries(header.map((name, index) => [name, row[index]]));
    expect(cells).toMatchObject({
      CREDITLIMIT: '1.5',
      CREDITRATINGDATE: '2020-05-01 00:00:00',
      LASTCHECKEDDATETIME: '1900-01-01 00:00:00',
    });
  });

  test('is Executing for a while, and its URL is empty until it ends', async () => {
    fixture.simulator.setSwitches({ packageRunMs: 5_000 });
    await call('ExportToPackageAsync', exportArguments('out-1'));
    expect(await call('GetExecutionSummaryStatus', { executionId: 'out-1' })).toBe('Executing');
    expect(await call('GetExportedPackageUrl', { executionId: 'out-1' })).toBe('');
    fixture.clock.nowMs += 5_000;
    expect(await call('GetExportedPackageUrl', { executionId: 'out-1' })).toContain('/finops/blob/');
  });

  test('of a preview stops at the count', async () => {
    seed(fixture, 'CustomerGroup', { dataAreaId: 'usmf', CustomerGroupId: '20', Description: 'New' });
    const executionId = await call('ExportToPackagePreview', { ...exportArguments(''), count: 1 });
    const files = await download(await call('GetExportedPackageUrl', { executionId }));
    expect(parseCsv(files.get('Customer groups.csv') ?? '')).toHaveLength(2);
  });

  test('answers with a flat or a nested value, by switch', async () => {
    fixture.simulator.setSwitches({ packageValue: 'nested' });
    expect(await call('ExportToPackage', exportArguments('out-1'))).toEqual({ value: 'out-1' });
  });
});

describe('an import', () => {
  test('updates and creates row by row, keeps the good rows and reports the bad ones', async () => {
    const groups = 'CUSTOMERGROUPID,DESCRIPTION\r\n10,New text\r\n20,\r\n30,"Third, with comma"\r\n';
    const executionId = await call(
      'ImportFromPackage',
      importArguments(await upload({ ...empty, 'Customer groups.csv': groups })),
    );
    expect(await call('GetExecutionSummaryStatus', { executionId })).toBe('PartiallySucceeded');
    const errors: string[] = JSON.parse(await call('GetExecutionErrors', { executionId }));
    expect(errors).toEqual([expect.stringContaining("Field 'Description' must be filled in")]);
    const { json } = await fixture.send('GET', "/data/CustomerGroups?cross-company=true&$filter=dataAreaId eq 'usmf'");
    expect(json.value.map((row: { Description: string }) => row.Description)).toEqual([
      'New text',
      'Third, with comma',
    ]);
  });

  test('raises data events like any other write', async () => {
    const sent: string[] = [];
    fixture = createFixture({ dataProjects: [project], post: ({ kind }) => void sent.push(kind) });
    fixture.simulator.events.activate(activation('data', 'CustomerGroup'));
    const groups = 'DESCRIPTION,CUSTOMERGROUPID\nA,1\nB,2';
    await call('ImportFromPackage', importArguments(await upload({ ...empty, 'Customer groups.csv': groups })));
    expect(sent).toEqual(['test', 'data', 'data']);
  });

  test('takes back what an export gave', async () => {
    await call('ExportToPackage', exportArguments('out-1'));
    const url = await call('GetExportedPackageUrl', { executionId: 'out-1' });
    const before = await fixture.send('GET', '/data/CustomersV3?cross-company=true');
    await fixture.send('DELETE', "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C1')?cross-company=true");
    await call('ImportFromPackageAsync', importArguments(url));
    expect(await call('GetExecutionSummaryStatus', { executionId: 'in' })).toBe('Succeeded');
    const after = await fixture.send('GET', '/data/CustomersV3?cross-company=true');
    expect({ ...after.json.value[0], '@odata.etag': '' }).toEqual({ ...before.json.value[0], '@odata.etag': '' });
  });

  test('fails as a whole on a column that is not mapped or a file that is no package', async () => {
    for (const files of [{ ...empty, 'Customer groups.csv': 'COLOUR\r\nred\r\n' }, { 'Manifest.xml': '<m/>' }]) {
      await call('ImportFromPackage', importArguments(await upload(files)));
      expect(await call('GetExecutionSummaryStatus', { executionId: 'in' })).toBe('Failed');
    }
    await call('ImportFromPackage', importArguments('http://127.0.0.1/blob/none'));
    expect(JSON.parse(await call('GetExecutionErrors', { executionId: 'in' }))).toEqual([
      'The file is not a zip archive.',
    ]);
  });

  test('is refused while another one runs', async () => {
    fixture.simulator.setSwitches({ packageRunMs: 5_000 });
    const url = await upload(empty);
    expect(await call('ImportFromPackage', importArguments(url))).toBe('in');
    expect(await call('ImportFromPackage', importArguments(url))).toMatch(/^400 .*another import is running/);
  });
});

describe('the package API', () => {
  test('knows its projects, jobs, actions and blobs', async () => {
    expect(await call('GetExecutionSummaryStatus', { executionId: 'none' })).toBe('Unknown');
    const unknown = { ...exportArguments('x'), definitionGroupId: 'none' };
    expect(await call('ExportToPackage', unknown)).toBe('400 The data project none does not exist.');
    expect(await call('GetExecutionSummaryStatus', {})).toMatch(/^400 .*'executionId'/);
    expect((await fixture.send('POST', `${actions}Nothing`, {})).status).toBe(404);
    expect((await fixture.send('GET', `${actions}GetExecutionSummaryStatus`)).status).toBe(405);
    expect((await fixture.send('GET', '/blob/none?sig=none')).status).toBe(404);
  });

  test('demands the signature of a blob URL', async () => {
    const url: string = JSON.parse(await call('GetAzureWriteUrl', { uniqueFileName: 'a' })).BlobUrl;
    const path = url.replace('http://127.0.0.1:7080/finops', '').replace(/sig=.*/, 'sig=wrong');
    expect((await fixture.send('GET', path)).status).toBe(404);
  });

  test('keeps its blobs and jobs in a saved state', async () => {
    await call('ExportToPackage', exportArguments('out-1'));
    const state = fixture.simulator.snapshot();
    fixture = createFixture({ dataProjects: [project] });
    fixture.simulator.restore(state);
    expect(await call('GetExecutionSummaryStatus', { executionId: 'out-1' })).toBe('Succeeded');
  });
});
