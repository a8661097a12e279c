import { beforeEach, describe, expect, test } from 'vitest';
import type { OutgoingEvent } from '../../../../local/simulators/finops/outgoing-event.ts';
import { type Answer, createFixture, type Fixture, reason, seed } from './finops-fixture.ts';

// Facts: "Maximizing API throughput" for the limit; a captured failed $batch for the single error part.

let fixture: Fixture;
let sent: OutgoingEvent[];
const host = 'http://127.0.0.1:7080/finops/data/';

interface Operation {
  method: string;
  url: string;
  body?: unknown;
}

function http({ method, url, body }: Operation, headers: string[]): string {
  const lines = ['Content-Type: application/http', 'Content-Transfer-Encoding: binary', ...headers, ''];
  const inner = [`${method} ${url} HTTP/1.1`, 'Content-Type: application/json', 'Accept: application/json', ''];
  return [...lines, ...inner, body === undefined ? '' : JSON.stringify(body)].join('\r\n');
}

/** A changeset is an array, a single part an operation. */
function batch(...parts: (Operation | Operation[])[]): string {
  const texts = parts.map((part, index) => {
    if (!Array.isArray(part)) {
      return http(part, []);
    }
    const inner = part.map((operation, at) => `--cs_${index}\r\n${http(operation, [`Content-ID: ${at + 1}`])}\r\n`);
    return `Content-Type: multipart/mixed; boundary=cs_${index}\r\n\r\n${inner.join('')}--cs_${index}--`;
  });
  return `${texts.map((text) => `--batch_x\r\n${text}\r\n`).join('')}--batch_x--\r\n`;
}

async function post(body: string): Promise<Answer> {
  return await fixture.send('POST', '/data/$batch', body, { 'content-type': 'multipart/mixed; boundary=batch_x' });
}

/** Statuses and Content-IDs in the order of the answer. */
function outline(answer: Answer): string[] {
  return [...answer.text.matchAll(/(?:Content-ID: (\d+)\r\n\r\n)?HTTP\/1\.1 (\d+)/g)].map(
    ([, id, status]) => `${id ?? '-'}:${status}`,
  );
}

function create(CustomerGroupId: string, Description = 'Group'): Operation {
  return {
    method: 'POST',
    url: `${host}CustomerGroups?cross-company=true`,
    body: { dataAreaId: 'usmf', CustomerGroupId, Description },
  };
}

function address(CustomerGroupId: string): string {
  return `${host}CustomerGroups(dataAreaId='usmf',CustomerGroupId='${CustomerGroupId}')?cross-company=true`;
}

async function groups(): Promise<string> {
  const { json } = await fixture.send('GET', '/data/CustomerGroups?cross-company=true');
  return json.value.map((row: { CustomerGroupId: string }) => row.CustomerGroupId).join(' ');
}

beforeEach(() => {
  sent = [];
  fixture = createFixture({ post: (event) => void sent.push(event) });
  seed(fixture, 'CustomerGroup', { dataAreaId: 'usmf', CustomerGroupId: '10', Description: 'Old' });
  fixture.simulator.events.activate({
    kind: 'data',
    event: 'CustomerGroup',
    operations: ['create', 'update', 'delete'],
    company: null,
    endpoint: 'http://127.0.0.1/x',
  });
  sent.length = 0;
});

describe('a batch', () => {
  test('runs its changeset as one and answers each operation', async () => {
    const patch = { method: 'PATCH', url: address('10'), body: { Description: 'New' } };
    const answer = await post(batch([create('20'), patch, { method: 'DELETE', url: address('20') }]));
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^multipart\/mixed; boundary=batchresponse_/);
    expect(outline(answer)).toEqual(['1:201', '2:204', '3:204']);
    expect(answer.text).toMatch(/ETag: W\/"/);
    expect(answer.text).toContain(`Location: ${host}CustomerGroups(dataAreaId='usmf',CustomerGroupId='20')`);
    expect(await groups()).toBe('10');
    expect(sent.map((event) => event.headers['x-ms-dynamics-request-name'])).toEqual([
      'OnExternalCreated',
      'OnExternalUpdated',
      'OnExternalDeleted',
    ]);
  });

  test('undoes a changeset that fails, answers it with one part named after the first operation, and raises nothing', async () => {
    const patch = { method: 'PATCH', url: address('10'), body: { Description: 'New' } };
    const remove = { method: 'DELETE', url: address('10') };
    const answer = await post(batch([create('20'), patch, remove, create('30'), create('30')]));
    expect([answer.status, outline(answer)]).toEqual([200, ['1:400']]);
    expect(answer.text).toContain('The record already exists.');
    expect(await groups()).toBe('10');
    const row = await fixture.send('GET', address('10').slice('http://127.0.0.1:7080/finops'.length));
    expect(row.json.Description).toBe('Old');
    expect(sent).toEqual([]);
  });

  test('puts that part in a changeset of its own or bare, by switch', async () => {
    const body = batch([create('10')]);
    expect((await post(body)).text).toContain('changesetresponse_');
    fixture.simulator.setSwitches({ failedChangeset: 'bare' });
    const bare = await post(body);
    expect([outline(bare), bare.text.includes('changesetresponse_')]).toEqual([['1:400'], false]);
  });

  test('runs parts in order: a read sees the changesets before it', async () => {
    const read = { method: 'GET', url: 'CustomerGroups?cross-company=true&$select=CustomerGroupId' };
    const answer = await post(batch(read, [create('20')], read, { method: 'DELETE', url: address('20') }, read));
    expect(outline(answer)).toEqual(['-:200', '1:201', '-:200', '-:204', '-:200']);
    expect(answer.text.split('HTTP/1.1').map((part) => part.includes('"CustomerGroupId":"20"'))).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  test('goes on after a failed part, or stops there, by switch', async () => {
    const body = batch([create('10')], [create('20')]);
    expect(outline(await post(body))).toEqual(['1:400', '1:201']);
    fixture.simulator.setSwitches({ batchAfterFailure: 'stops' });
    expect(outline(await post(batch([create('10')], [create('30')])))).toEqual(['1:400']);
    expect(await groups()).toBe('10 20');
  });

  test('keeps double encoded keys and bodies in UTF-8', async () => {
    await post(batch([create('a/b', 'Größe')]));
    const answer = await post(batch({ method: 'GET', url: address('a%252Fb') }));
    expect([outline(answer), answer.text.includes('Größe')]).toEqual([['-:200'], true]);
  });

  test('takes no more operations than documented', async () => {
    fixture.simulator.setSwitches({ batchOperations: 2 });
    const answer = await post(batch([create('20'), create('30')], { method: 'GET', url: address('10') }));
    expect([answer.status, reason(answer)]).toEqual([400, expect.stringContaining("maximum number of '2'")]);
    expect(await groups()).toBe('10');
  });

  test.each([
    ['no closing boundary', '--batch_x\r\n\r\n'],
    ['no parts at all', 'nothing'],
    ['no request line', '--batch_x\r\nContent-Type: application/http\r\n\r\nhello\r\n--batch_x--'],
    ['a read inside a changeset', batch([{ method: 'GET', url: `${host}CustomerGroups` }])],
  ])('with %s is refused as a whole', async (_name, body) => {
    expect((await post(body)).status).toBe(400);
  });

  test('needs its content type', async () => {
    expect((await fixture.send('POST', '/data/$batch', batch([create('20')]))).status).toBe(400);
  });

  test('works as the user of the outer request', async () => {
    const by: string[] = [];
    fixture.simulator.onChange((change) => by.push(`${change.by} ${change.operation} ${change.key}`));
    const headers = { 'content-type': 'multipart/mixed;boundary="batch_x"', 'x-sim-user': 'anna' };
    await fixture.send('POST', '/data/$batch', batch([create('20')]), headers);
    expect(by).toEqual(['anna create usmf|20']);
  });
});
