import { describe, expect, it } from 'vitest';
import { idOf } from './sample-environment.ts';
import { answerWith, attributes, environmentWith, forgetPosts, posts, registered } from './webhook-fixture.ts';

forgetPosts();

describe('which events are raised', () => {
  it('raises one Update for ordinary columns and one for state columns', async () => {
    const { call, simulator } = registered();
    const id = idOf(await call('POST', 'accounts', { name: 'A' }));
    await simulator.webhooksIdle();
    posts.length = 0;
    await call('PATCH', `accounts(${id})`, { name: 'B', statecode: 1 });
    await simulator.webhooksIdle();
    const sent = posts.map(({ body }) => Object.keys(attributes(body.InputParameters[0].value)));
    expect(sent.map((columns) => columns.includes('name'))).toEqual([true, false]);
    expect(sent.map((columns) => columns.includes('statuscode'))).toEqual([false, true]);
  });

  it('raises none for what was rolled back, and single events for the rows of a bulk message', async () => {
    const { call, simulator } = registered();
    const type = { '@odata.type': 'Microsoft.Dynamics.CRM.contact' };
    const bulk = (rows: object[]) =>
      call('POST', 'contacts/Microsoft.Dynamics.CRM.CreateMultiple?tag=t', { Targets: rows });
    await bulk([
      { ...type, emailaddress1: 'a' },
      { ...type, emailaddress1: 'a' },
    ]);
    await simulator.webhooksIdle();
    expect(posts).toHaveLength(0);
    await bulk([
      { ...type, emailaddress1: 'a' },
      { ...type, emailaddress1: 'b' },
    ]);
    await simulator.webhooksIdle();
    expect(posts.map(({ body }) => body.MessageName)).toEqual(['Create', 'Create']);
    expect(posts[1]?.body.SharedVariables).toContainEqual({ key: 'tag', value: 't' });
  });

  it('raises phantoms for what was rolled back where the switch says so', async () => {
    const { call, simulator } = registered({ phantomEvents: true });
    const rows = ['a', 'a'].map((emailaddress1) => ({
      '@odata.type': 'Microsoft.Dynamics.CRM.contact',
      emailaddress1,
    }));
    await call('POST', 'contacts/Microsoft.Dynamics.CRM.CreateMultiple', { Targets: rows });
    await simulator.webhooksIdle();
    expect(posts).toHaveLength(1);
    expect((await call('GET', `contacts(${posts[0]?.body.PrimaryEntityId})`)).status).toBe(404);
  });

  it('leaves the tag to the parent context where a delete removes links from other rows', async () => {
    const { call, simulator } = registered();
    const account = idOf(await call('POST', 'accounts', { name: 'A' }));
    await call('POST', 'accounts', { name: 'Child', 'parentaccountid@odata.bind': `accounts(${account})` });
    await simulator.webhooksIdle();
    posts.length = 0;
    await call('DELETE', `accounts(${account})?tag=t`);
    await simulator.webhooksIdle();
    const update = posts.find(({ body }) => body.MessageName === 'Update')!.body;
    expect(update.Depth).toBe(2);
    expect(update.SharedVariables.map(({ key }: { key: string }) => key)).not.toContain('tag');
    expect(update.ParentContext.SharedVariables).toContainEqual({ key: 'tag', value: 't' });
  });

  // "Bypass custom business logic".
  it('skips steps that the caller bypasses', async () => {
    const { call, simulator } = registered();
    await call(
      'POST',
      'contacts',
      { fullname: 'A' },
      { 'mscrm.bypassbusinesslogicexecution': 'CustomSync,CustomAsync' },
    );
    const steps = (
      await call('GET', "sdkmessageprocessingsteps?$select=name&$filter=name eq 'twinwrite: Create of contact'")
    ).json.value;
    const header = { 'mscrm.bypassbusinesslogicexecutionstepids': steps[0].sdkmessageprocessingstepid };
    await call('POST', 'contacts', { fullname: 'B' }, header);
    await simulator.webhooksIdle();
    expect(posts).toHaveLength(0);
  });
});

describe('delivery', () => {
  it('posts with the documented headers and the secret of the endpoint', async () => {
    const { call, simulator } = registered();
    await call('POST', 'contacts', { fullname: 'A' });
    await simulator.webhooksIdle();
    expect(posts[0]?.url).toBe('http://app.test/in');
    expect(posts[0]?.headers).toMatchObject({
      'x-ms-dynamics-entity-name': 'contact',
      'x-ms-dynamics-request-name': 'Create',
      'x-twinwrite-key': 'a"<&',
      'x-ms-correlation-request-id': posts[0]?.body.CorrelationId,
    });
    expect(posts[0]?.headers['x-ms-dynamics-organization']).toMatch(/\.dynamics\.com$/);
  });

  it.each([502, 503, 504])('tries exactly once more after %i', async (status) => {
    const { call, simulator } = registered();
    answerWith(status, 202);
    await call('POST', 'contacts', { fullname: 'A' });
    await simulator.webhooksIdle();
    expect(posts).toHaveLength(2);
    expect(posts[1]?.text).toBe(posts[0]?.text);
    expect((await call('GET', 'asyncoperations/$count')).text).toBe('0');
    answerWith(status, status, 202);
    await call('POST', 'contacts', { fullname: 'B' });
    await simulator.webhooksIdle();
    expect(posts).toHaveLength(4);
    expect((await call('GET', 'asyncoperations/$count')).text).toBe('1');
  });

  it.each([400, 401, 404, 429, 500, new Error('timed out')])(
    'keeps a post that ended with %s as a failed system job',
    async (answer) => {
      const { call, simulator } = registered();
      answerWith(answer);
      await call('POST', 'contacts', { fullname: 'A' });
      await simulator.webhooksIdle();
      expect(posts).toHaveLength(1);
      const step = posts[0]?.body.OwningExtension.Id;
      const query = `asyncoperations?$select=name,friendlymessage,errorcode,message,completedon&$filter=statuscode eq 31 and _owningextensionid_value eq @stepid&$orderby=completedon desc&@stepid=${step}`;
      const { json } = await call('GET', query);
      expect(json.value).toHaveLength(1);
      expect(json.value[0]).toMatchObject({
        asyncoperationid: posts[0]?.body.OperationId,
        name: 'twinwrite: Create of contact',
      });
      expect(json.value[0].message).toContain(answer instanceof Error ? 'timed out' : String(answer));
    },
  );

  it('keeps jobs not yet posted in the snapshot and posts them after a restart', async () => {
    const first = registered();
    await first.call('POST', 'contacts', { fullname: 'A' });
    const state = JSON.parse(JSON.stringify(first.simulator.snapshot()));
    await first.simulator.webhooksIdle();
    const second = environmentWith();
    second.simulator.restore(state);
    await second.simulator.webhooksIdle();
    expect(posts).toHaveLength(2);
    expect(posts[1]?.body.OperationId).toBe(posts[0]?.body.OperationId);
  });
});
