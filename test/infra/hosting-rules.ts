import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import roles from '../../infra/roles.json' with { type: 'json' };
import { root } from './bicep-compiler.ts';
import { differences, ofType, one, type Rule } from './rules.ts';

const hostingIsFlex: Rule = (deployment) => {
  const site = one(deployment, 'Microsoft.Web/sites');
  const { runtime, deployment: source } = site.properties.functionAppConfig;
  return [
    ...differences('plan', { sku: one(deployment, 'Microsoft.Web/serverfarms').sku?.name }, { sku: 'FC1' }),
    ...differences('runtime', runtime, { name: 'node', version: '24' }),
    ...differences('identity', { type: site.identity?.type }, { type: 'UserAssigned' }),
    ...differences('package', source.storage.authentication, { type: 'UserAssignedIdentity' }),
    ...differences('app', site.properties.siteConfig, { alwaysOn: false }),
  ];
};

const signInLeavesOutOnlyWhatBearsKeys: Rule = (deployment) => {
  const { globalValidation } = one(deployment, 'Microsoft.Web/sites/config', '/authsettingsV2').properties;
  return differences('sign-in', globalValidation, {
    requireAuthentication: true,
    unauthenticatedClientAction: 'Return401',
    excludedPaths: ['/api/health', '/api/ingress/dataverse', '/api/ingress/finops'],
  });
};

const durableStateHasOnePlace: Rule = (deployment) => {
  const settings = one(deployment, 'Microsoft.Web/sites/config', '/appsettings').properties as Record<string, string>;
  const hubs = ofType(deployment, 'Microsoft.DurableTask/schedulers/taskHubs');
  const hub = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8')).extensions.durableTask.hubName as string;
  const named = settings['DURABLE_TASK_SCHEDULER_CONNECTION_STRING'] ?? '';
  const queueRole = JSON.stringify(deployment).includes(roles.storageQueueDataContributor);
  if (hubs.length === 0) return queueRole && named === '' ? [] : ['durable state in storage needs its queues alone'];
  return [
    ...(hubs.some(({ name }) => name.endsWith(`/${hub}`)) ? [] : [`no task hub ${hub}`]),
    ...(named.includes('Authentication=ManagedIdentity') ? [] : ['the scheduler is not reached by identity']),
  ];
};

/** Rules on how the app runs, by what they say. */
export const HOSTING_RULES: Readonly<Record<string, Rule>> = {
  'the app runs on Flex Consumption with Node.js 24 and one identity': hostingIsFlex,
  'S13: people sign in, and only senders with keys and probes need not': signInLeavesOutOnlyWhatBearsKeys,
  'durable state has one place': durableStateHasOnePlace,
};
