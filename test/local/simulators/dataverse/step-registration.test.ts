import { describe, expect, it } from 'vitest';
import { idOf, type SampleEnvironment } from './sample-environment.ts';
import { attributes, environmentWith, forgetPosts, posts } from './webhook-fixture.ts';

forgetPosts();

// "Register a web hook", "Register a plug-in" (steps and images by the Web API).
describe('registration by the Web API', () => {
  async function register(
    environment: SampleEnvironment,
    message: string,
    step: object,
    endpoint: object,
  ): Promise<string> {
    const { call } = environment;
    const endpointId = idOf(
      await call('POST', 'serviceendpoints', {
        name: 'dw',
        url: 'http://app.test/in',
        contract: 8,
        messageformat: 2,
        messagecharset: 1,
        ...endpoint,
      }),
    );
    const filter = `primaryobjecttypecode eq 'account' and sdkmessageid/name eq '${message}'`;
    const found = await call(
      'GET',
      `sdkmessagefilters?$select=sdkmessagefilterid,_sdkmessageid_value,iscustomprocessingstepallowed&$filter=${filter}`,
    );
    const [row] = found.json.value;
    expect(row.iscustomprocessingstepallowed).toBe(true);
    return idOf(
      await call('POST', 'sdkmessageprocessingsteps', {
        name: `dw: ${message} of account`,
        stage: 40,
        mode: 1,
        rank: 1,
        supporteddeployment: 0,
        invocationsource: 0,
        asyncautodelete: true,
        'sdkmessageid@odata.bind': `/sdkmessages(${row._sdkmessageid_value})`,
        'sdkmessagefilterid@odata.bind': `/sdkmessagefilters(${row.sdkmessagefilterid})`,
        'eventhandler_serviceendpoint@odata.bind': `/serviceendpoints(${endpointId})`,
        ...step,
      }),
    );
  }

  it('runs a step only when one of its filtering columns was sent, changed or not, and while it is enabled', async () => {
    const environment = environmentWith();
    const { call, simulator } = environment;
    const step = await register(
      environment,
      'Update',
      { filteringattributes: 'name,creditlimit' },
      { authtype: 4, authvalue: 'secret' },
    );
    const id = idOf(await call('POST', 'accounts', { name: 'A' }));
    await call('PATCH', `accounts(${id})`, { description: 'x' });
    await call('PATCH', `accounts(${id})`, { name: 'A' });
    await simulator.webhooksIdle();
    expect(posts.map(({ url }) => url)).toEqual(['http://app.test/in?code=secret']);
    await call('PATCH', `sdkmessageprocessingsteps(${step})`, { statecode: 1 });
    await call('PATCH', `accounts(${id})`, { name: 'B' });
    await simulator.webhooksIdle();
    expect(posts).toHaveLength(1);
  });

  it('adds images as registered, and secrets as query pairs', async () => {
    const environment = environmentWith();
    const { call, simulator } = environment;
    const step = await register(
      environment,
      'Update',
      {},
      { authtype: 6, authvalue: '<settings><setting name="key" value="k" /></settings>' },
    );
    const image = {
      name: 'both',
      entityalias: 'img',
      imagetype: 2,
      messagepropertyname: 'Target',
      attributes: 'name,accountnumber',
    };
    const bind = { 'sdkmessageprocessingstepid@odata.bind': `/sdkmessageprocessingsteps(${step})` };
    expect((await call('POST', 'sdkmessageprocessingstepimages', { ...image, ...bind })).status).toBe(204);
    const id = idOf(await call('POST', 'accounts', { name: 'A' }));
    await call('PATCH', `accounts(${id})`, { name: 'B' });
    await simulator.webhooksIdle();
    const { body, url } = posts[0]!;
    expect(url).toBe('http://app.test/in?key=k');
    expect(attributes(body.PreEntityImages[0].value)).toEqual({ name: 'A', accountid: id });
    expect(body.PostEntityImages.map(({ key }: { key: string }) => key)).toEqual([
      'AsynchronousStepPrimaryName',
      'img',
    ]);
  });

  it('refuses wrong navigation names, impossible images, synchronous steps and other contracts', async () => {
    const environment = environmentWith();
    const { call } = environment;
    const create = await register(environment, 'Create', {}, { authtype: 4 });
    const pre = { name: 'pre', entityalias: 'pre', imagetype: 0, messagepropertyname: 'Id', attributes: 'name' };
    const image = await call('POST', 'sdkmessageprocessingstepimages', {
      ...pre,
      'sdkmessageprocessingstepid@odata.bind': `sdkmessageprocessingsteps(${create})`,
    });
    expect([image.status, image.json.error.message]).toEqual([
      400,
      expect.stringContaining('pre-image cannot be registered on Create'),
    ]);
    expect((await call('PATCH', `sdkmessageprocessingsteps(${create})`, { mode: 0 })).status).toBe(400);
    const handler = { 'EventHandler@odata.bind': `serviceendpoints(${create})` };
    expect((await call('PATCH', `sdkmessageprocessingsteps(${create})`, handler)).status).toBe(400);
    expect((await call('POST', 'serviceendpoints', { name: 'bus', contract: 6 })).status).toBe(400);
  });

  it('never reads a secret back, lists the steps of an endpoint, and deletes the endpoint last', async () => {
    const environment = environmentWith();
    const { call } = environment;
    const step = await register(environment, 'Create', {}, { authtype: 4, authvalue: 'secret' });
    const [endpoint] = (await call('GET', 'serviceendpoints?$filter=contract eq 8')).json.value;
    expect(endpoint).toMatchObject({ name: 'dw', isauthvalueset: true });
    expect(JSON.stringify(endpoint)).not.toContain('secret');
    expect((await call('GET', 'serviceendpoints?$select=authvalue')).status).toBe(400);
    const path = `serviceendpoints(${endpoint.serviceendpointid})`;
    const steps = await call(
      'GET',
      `${path}/serviceendpoint_sdkmessageprocessingstep?$select=name,stage,mode,filteringattributes,statecode`,
    );
    expect(steps.json.value.map((row: { name: string }) => row.name)).toEqual(['dw: Create of account']);
    expect((await call('DELETE', path)).status).toBe(405);
    await call('DELETE', `sdkmessageprocessingsteps(${step})`);
    expect((await call('DELETE', path)).status).toBe(204);
  });
});
