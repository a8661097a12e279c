import { describe, expect, it } from 'vitest';
import { context, entity } from '../../shared/adapters/event-fuzz.ts';
import { fuzzIngress, ingressScene, OWN_TAG, post } from './ingress-fuzz.ts';

describe('the ingress', () => {
  it('I4: takes, drops or refuses each of 10,000 spoiled bodies, and no forgery', async () => {
    const { wrong, outcomes } = await fuzzIngress(10_000, 1);
    expect(wrong).toEqual([]);
    const usual = ['401 ', '400 ', '413 '];
    const told = ['accepted', 'echo', 'unbound', 'irrelevant', 'ignored'].map((name) => `202 event.${name}`);
    for (const name of [...usual, ...told]) expect(outcomes[name], JSON.stringify(outcomes)).toBeGreaterThan(2);
    expect(Object.keys(outcomes).sort()).toEqual([...usual, ...told].sort());
  });

  const key = 'k-0123456789abcdef';
  const update = (more: object) =>
    Buffer.from(JSON.stringify(context('Update', 'customer', entity({ name: 'Northwind' }), more)));

  it('I2: drops our own write, and nothing that bears a copy of its tag', async () => {
    const scene = await ingressScene();
    const SharedVariables = [{ key: 'tag', value: OWN_TAG }];
    const posted = { key, inQuery: false };
    const another = { PrimaryEntityId: '5e1d0f3c-5a0e-ee11-8f6e-000d3a000004' };
    const later = { OperationCreatedOn: '/Date(1767312000000+0000)/' };
    for (const more of [{}, another, later]) {
      const body = update({ SharedVariables, OperationId: JSON.stringify(more), ...more });
      expect(await post(scene, 'dataverse', { ...posted, body })).toBe(202);
    }
    const told = scene.pipeline.telemetry.map(({ event }) => event);
    expect(told).toEqual(['event.echo', 'event.accepted', 'event.accepted']);
    expect(scene.pipeline.queue.length).toBe(2);
  });

  it('asks for it again when neither queue nor storage takes it', async () => {
    const scene = await ingressScene();
    scene.pipeline.queue.send = () => Promise.reject(new Error('the queue is away'));
    expect(await post(scene, 'dataverse', { key, inQuery: true, body: update({}) })).toBe(503);
    scene.services.rejected.keep = () => Promise.reject(new Error('the storage is away'));
    expect(await post(scene, 'finops', { key, inQuery: true, body: Buffer.from('{') })).toBe(503);
  });
});
