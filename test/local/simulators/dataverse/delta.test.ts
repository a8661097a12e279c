import { describe, expect, it } from 'vitest';
import { idOf, type SampleAnswer, type SampleEnvironment, sampleEnvironment } from './sample-environment.ts';

const track = { prefer: 'odata.track-changes' };

function follow(environment: SampleEnvironment, link: string, headers = track): Promise<SampleAnswer> {
  const url = new URL(link);
  return environment.call('GET', url.pathname + url.search, undefined, headers);
}

// "Use change tracking to synchronize data with external systems".
describe('delta links', () => {
  it('gives all rows first, then changed rows by version and deletes last', async () => {
    const environment = sampleEnvironment();
    const { call } = environment;
    const [a, b, c] = [
      idOf(await call('POST', 'contacts', { fullname: 'A' })),
      idOf(await call('POST', 'contacts', { fullname: 'B' })),
      idOf(await call('POST', 'contacts', { fullname: 'C' })),
    ];
    const first = await call('GET', 'contacts?$select=fullname', undefined, track);
    expect(first.headers['preference-applied']).toContain('odata.track-changes');
    expect(first.json.value).toHaveLength(3);
    const link = first.json['@odata.deltaLink'];
    expect(link).toMatch(/\$select=fullname&\$deltatoken=\d+!/);
    await call('DELETE', `contacts(${c})`);
    await call('PATCH', `contacts(${b})`, { fullname: 'B2' });
    await call('PATCH', `contacts(${a})`, { fullname: 'A2' });
    const gone = idOf(await call('POST', 'contacts', { fullname: 'gone' }));
    await call('DELETE', `contacts(${gone})`);
    const second = await follow(environment, link);
    expect(second.json['@odata.context']).toMatch(/\$delta$/);
    expect(second.json.value.map((row: { fullname?: string; id?: string }) => row.fullname ?? row.id)).toEqual([
      'B2',
      'A2',
      c,
      gone,
    ]);
    expect(second.json.value[2]).toMatchObject({
      '@odata.context': 'http://sim.test/api/data/v9.2/$metadata#contacts/$deletedEntity',
      reason: 'deleted',
    });
    const third = await follow(environment, second.json['@odata.deltaLink']);
    expect(third.json.value).toEqual([]);
    const count = new URL(link.replace('/contacts?', '/contacts/$count?'));
    expect((await call('GET', count.pathname + count.search)).text).toBe('4');
  });

  it('pages a delta up to the version at its start, and leaves later changes to the next one', async () => {
    const environment = sampleEnvironment();
    for (const fullname of ['A', 'B', 'C']) await environment.call('POST', 'contacts', { fullname });
    const prefer = { prefer: 'odata.track-changes,odata.maxpagesize=2' };
    const first = await environment.call('GET', 'contacts?$select=fullname', undefined, prefer);
    expect(first.json['@odata.deltaLink']).toBeUndefined();
    await environment.call('POST', 'contacts', { fullname: 'D' });
    const second = await follow(environment, first.json['@odata.nextLink'], prefer);
    expect(second.json.value.map((row: { fullname: string }) => row.fullname)).toEqual(['C']);
    const later = await follow(environment, second.json['@odata.deltaLink'], prefer);
    expect(later.json.value.map((row: { fullname: string }) => row.fullname)).toEqual(['D']);
  });

  it('reports a row made again under its id as changed, not as deleted', async () => {
    const environment = sampleEnvironment();
    const id = idOf(await environment.call('POST', 'contacts', { fullname: 'A' }));
    const first = await environment.call('GET', 'contacts', undefined, track);
    await environment.call('DELETE', `contacts(${id})`);
    await environment.call('PATCH', `contacts(${id})`, { fullname: 'again' });
    const second = await follow(environment, first.json['@odata.deltaLink']);
    expect(second.json.value).toHaveLength(1);
    expect(second.json.value[0].fullname).toBe('again');
  });

  it('expires tokens with 0x80044352 and refuses filters, orders, expansions and tops', async () => {
    const environment = sampleEnvironment();
    const first = await environment.call('GET', 'contacts', undefined, track);
    environment.clock.now += 7 * 24 * 3_600_000 + 1000;
    const expired = await follow(environment, first.json['@odata.deltaLink']);
    expect([expired.status, expired.json.error.code]).toEqual([400, '0x80044352']);
    for (const option of ["$filter=fullname eq 'A'", '$orderby=fullname', '$top=1', '$expand=billingaccountid']) {
      expect((await environment.call('GET', `contacts?${option}`, undefined, track)).status).toBe(400);
    }
    expect((await environment.call('GET', 'systemusers', undefined, track)).status).toBe(400);
  });
});
