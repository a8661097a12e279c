import { describe, expect, it } from 'vitest';
import { idOf, type SampleAnswer, type SampleEnvironment, sampleEnvironment } from './sample-environment.ts';

interface Part {
  request: string;
  id?: string;
  headers?: string[];
  body?: unknown;
}

function part({ request, id, headers = [], body }: Part): string {
  const lines = ['Content-Type: application/http', 'Content-Transfer-Encoding: binary'];
  if (id !== undefined) lines.push(`Content-ID: ${id}`);
  const json = body === undefined ? '' : JSON.stringify(body);
  const inner = [`${request} HTTP/1.1`, 'Content-Type: application/json; type=entry', ...headers, '', json];
  return `${lines.join('\r\n')}\r\n\r\n${inner.join('\r\n')}\r\n`;
}

function changeSet(...parts: Part[]): string {
  const inner = parts.map((entry) => `--changeset_1\r\n${part(entry)}`).join('');
  return `Content-Type: multipart/mixed; boundary="changeset_1"\r\n\r\n${inner}--changeset_1--\r\n`;
}

function send(environment: SampleEnvironment, pieces: string[], prefer?: string): Promise<SampleAnswer> {
  const body = `${pieces.map((piece) => `--batch_x\r\n${piece}`).join('')}--batch_x--\r\n`;
  return environment.call('POST', '$batch', body, {
    'content-type': 'multipart/mixed; boundary="batch_x"',
    ...(prefer === undefined ? {} : { prefer }),
  });
}

function statuses(answer: SampleAnswer): number[] {
  return [...answer.text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
}

// "Execute batch operations using the Web API".
describe('$batch', () => {
  it('runs parts in order and resolves $1 in binds and as an address within a change set', async () => {
    const environment = sampleEnvironment();
    const answer = await send(environment, [
      changeSet(
        { request: 'POST /api/data/v9.2/accounts?tag=dw', id: '1', body: { name: 'A' } },
        { request: 'POST contacts', id: '2', body: { fullname: 'B', 'parentcustomerid_account@odata.bind': '$1' } },
        { request: 'PATCH $1', id: '3', body: { 'primarycontactid@odata.bind': '$2' } },
      ),
      part({ request: "GET accounts?$select=name&$filter=primarycontactid/fullname%20eq%20'B'" }),
    ]);
    expect(answer.status).toBe(200);
    expect(statuses(answer)).toEqual([204, 204, 204, 200]);
    expect(answer.headers['content-type']).toMatch(/^multipart\/mixed; boundary=batchresponse_/);
    expect(answer.text).toContain('Content-ID: 2\r\n');
    expect(answer.text).toContain('"name":"A"');
  });

  it('undoes a whole change set when one part fails, and answers one part for it', async () => {
    const environment = sampleEnvironment();
    const answer = await send(
      environment,
      [
        changeSet(
          { request: 'POST accounts', id: '1', body: { name: 'A' } },
          { request: 'POST accounts', id: '2', body: { name: 7 } },
        ),
        part({ request: 'POST contacts', body: { fullname: 'C' } }),
      ],
      'odata.continue-on-error',
    );
    expect(answer.status).toBe(200);
    expect(statuses(answer)).toEqual([400, 204]);
    expect((await environment.call('GET', 'accounts/$count')).text).toBe('0');
  });

  it('restores deleted and changed rows, keys included, when a change set fails', async () => {
    const environment = sampleEnvironment();
    const { call } = environment;
    const first = idOf(await call('POST', 'contacts', { fullname: 'First', emailaddress1: 'a' }));
    await call('POST', 'contacts', { fullname: 'Second' });
    const etag = (await call('GET', `contacts(${first})`)).headers['etag'];
    await send(environment, [
      changeSet(
        { request: `DELETE contacts(${first})`, id: '1' },
        { request: 'POST contacts', id: '2', body: { emailaddress1: 'a' } },
        { request: 'POST contacts', id: '3', body: { emailaddress1: 'a' } },
      ),
    ]);
    expect((await call('GET', "contacts(emailaddress1='a')")).headers['etag']).toBe(etag);
    const rows = (await call('GET', 'contacts?$select=fullname')).json.value;
    expect(rows.map((row: { fullname: string }) => row.fullname)).toEqual(['First', 'Second']);
  });

  it('stops at the first error with its status unless the caller prefers to continue', async () => {
    const pieces = ['A', 7, 'C'].map((fullname) => part({ request: 'POST contacts', body: { fullname } }));
    const stopped = sampleEnvironment();
    const answer = await send(stopped, pieces);
    expect([answer.status, statuses(answer)]).toEqual([400, [204, 400]]);
    const continued = sampleEnvironment();
    expect(statuses(await send(continued, pieces, 'odata.continue-on-error'))).toEqual([204, 400, 204]);
  });

  it('takes conditions from each part and never from the batch', async () => {
    const environment = sampleEnvironment();
    const id = idOf(await environment.call('POST', 'contacts', { fullname: 'A' }));
    const patch = { request: `PATCH contacts(${id})`, body: { fullname: 'B' } };
    const answer = await send(
      environment,
      [
        part({ ...patch, headers: ['If-Match: W/"1"'] }),
        part({ ...patch, headers: ['Prefer: return=representation'] }),
      ],
      'odata.continue-on-error',
    );
    expect(statuses(answer)).toEqual([412, 200]);
    expect(answer.text).toContain('0x80060882');
  });

  it.each([
    [changeSet({ request: 'GET accounts', id: '1' }), 'retrieve'],
    [changeSet({ request: 'POST accounts', body: { name: 'A' } }), 'Content-ID header not present'],
    [part({ request: 'POST $batch' }), 'may not hold another batch'],
    ['Content-Type: text/plain\r\n\r\nhello\r\n', 'application/http'],
  ])('refuses a malformed batch', async (piece, message) => {
    const answer = await send(sampleEnvironment(), [piece]);
    expect(answer.status).toBe(400);
    expect(answer.json.error.message).toContain(message);
  });

  it('refuses an id that was not declared before', async () => {
    const environment = sampleEnvironment();
    const answer = await send(environment, [changeSet({ request: 'PATCH $9', id: '1', body: {} })]);
    expect(statuses(answer)).toEqual([400]);
    expect(answer.text).toContain("Content-ID Reference: '$9' does not exist in the batch context.");
  });

  it('takes 1,000 requests and refuses 1,001, and a body with bare line feeds', async () => {
    const environment = sampleEnvironment();
    const many = (count: number) => Array.from({ length: count }, () => part({ request: 'GET WhoAmI' }));
    expect(statuses(await send(environment, many(1000)))).toHaveLength(1000);
    expect((await send(environment, many(1001))).status).toBe(400);
    const body = `--batch_x\n${part({ request: 'GET WhoAmI' }).replaceAll('\r\n', '\n')}--batch_x--\n`;
    const headers = { 'content-type': 'multipart/mixed; boundary=batch_x' };
    expect((await environment.call('POST', '$batch', body, headers)).status).toBe(400);
  });
});
