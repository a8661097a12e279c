import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import queuesFile from '../../infra/queues.json' with { type: 'json' };
import roles from '../../infra/roles.json' with { type: 'json' };
import { ConfigError, readConfig } from '../../shared/config.ts';
import { root } from './bicep-compiler.ts';
import type { Deployment, Resource } from './snapshots.ts';

/** What is wrong with a deployment; empty where the rule is kept. */
export type Rule = (deployment: Deployment) => string[];

/** Resources of a type, from the outermost. */
export function ofType(deployment: Deployment, type: string): Resource[] {
  return deployment.predictedResources.filter((resource) => resource.type === type);
}

/** The one resource of a type, optionally with the end of its name. */
export function one(deployment: Deployment, type: string, end = ''): Resource {
  const found = ofType(deployment, type).filter(({ name }) => name.endsWith(end));
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} resources ${type} ${end}`);
  return first;
}

/** Findings of comparing properties with what they have to be. */
function differences(subject: string, actual: Record<string, unknown>, expected: Record<string, unknown>): string[] {
  return Object.entries(expected).flatMap(([name, value]) =>
    JSON.stringify(actual[name]) === JSON.stringify(value)
      ? []
      : [`${subject}: ${name} is ${JSON.stringify(actual[name])}, not ${JSON.stringify(value)}`],
  );
}

const rolesAreNarrow: Rule = (deployment) => {
  const known = new Set(Object.values(roles));
  const assignments = ofType(deployment, 'Microsoft.Authorization/roleAssignments');
  const none = assignments.length < 6 ? [`only ${assignments.length} role assignments`] : [];
  return none.concat(
    assignments.flatMap(({ id, name, properties }) => {
      const findings: string[] = [];
      if (!['ServicePrincipal', 'User', 'Group'].includes(properties.principalType)) findings.push('no principalType');
      // A resource's id names a provider behind the group; the assignment's own comes after it.
      const [scope = ''] = id.split(/\/providers\/Microsoft\.Authorization|', 'Microsoft\.Authorization/);
      if (!/\/resourceGroups\/[^/]+\/providers\/[^/]+\/[^/]+\/[^/]+/.test(scope)) findings.push(`scope ${scope}`);
      const role = String(properties.roleDefinitionId).split('/').at(-1) ?? '';
      if (!known.has(role)) findings.push(`role ${role}`);
      return findings.map((finding) => `role assignment ${name}: ${finding}`);
    }),
  );
};

const nothingHasKeys: Rule = (deployment) => {
  const text = JSON.stringify(deployment);
  const words = [
    'listKeys',
    'listAccountSas',
    'listServiceSas',
    'AccountKey=',
    'SharedAccessKey',
    'authorizationRules',
  ];
  const storage = one(deployment, 'Microsoft.Storage/storageAccounts').properties;
  const bus = one(deployment, 'Microsoft.ServiceBus/namespaces').properties;
  const insights = one(deployment, 'Microsoft.Insights/components').properties;
  const vault = one(deployment, 'Microsoft.KeyVault/vaults').properties;
  const publishing = ofType(deployment, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies');
  const allowed = publishing.filter(({ properties }) => properties.allow !== false);
  return [
    ...words.filter((word) => text.includes(word)).map((word) => `the template says ${word}`),
    ...differences('storage', storage, { allowSharedKeyAccess: false, allowBlobPublicAccess: false }),
    ...differences('Service Bus', bus, { disableLocalAuth: true }),
    ...differences('Application Insights', insights, { DisableLocalAuth: true }),
    ...differences('vault', vault, { enableRbacAuthorization: true }),
    ...(publishing.length === 2 && allowed.length === 0 ? [] : ['the app can be published to with a password']),
  ];
};

/** Settings of the code that have no place in Azure: they stand in where there is no identity. */
const NOT_IN_AZURE = new Set([
  'TWINWRITE_TOKEN_URL',
  'TWINWRITE_CLIENT_ID',
  'TWINWRITE_CLIENT_SECRET',
  'TWINWRITE_TABLES_CONNECTION',
  'ServiceBusConnection',
]);

/** Settings that the host, its extensions or the platform read. */
const OF_THE_HOST =
  /^(AzureWebJobsStorage__(credential|clientId|(blob|queue|table)ServiceUri)|ServiceBusConnection__(credential|clientId)|APPLICATIONINSIGHTS_(CONNECTION|AUTHENTICATION)_STRING|FUNCTIONS_REQUEST_BODY_SIZE_LIMIT|DURABLE_TASK_SCHEDULER_CONNECTION_STRING|OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID)$/;

function settingsOfTheCode(): string[] {
  const source = readFileSync(join(root, 'shared/config.ts'), 'utf8');
  const [, schema = ''] = /^const settings = z\.object\(\{\n([\s\S]*?)^\}\);/m.exec(source) ?? [];
  return [...schema.matchAll(/^ {2}(\w+): /gm)].map(([, name = '']) => name);
}

const settingsAreThoseOfTheCode: Rule = (deployment) => {
  const settings = one(deployment, 'Microsoft.Web/sites/config', '/appsettings').properties as Record<string, string>;
  const read = settingsOfTheCode();
  const missing = read.filter((name) => !NOT_IN_AZURE.has(name) && settings[name] === undefined);
  const unread = Object.keys(settings).filter(
    (name) => !OF_THE_HOST.test(name) && (!read.includes(name) || NOT_IN_AZURE.has(name)),
  );
  return [
    ...missing.map((name) => `${name} is not set`),
    ...unread.map((name) => `${name} is set and nobody reads it, or it has no place in Azure`),
    ...configProblems(settings),
  ];
};

/** What the code says of these settings, once Azure has put values in place of expressions. */
function configProblems(settings: Readonly<Record<string, string>>): string[] {
  const values = Object.entries(settings).map(([name, text]): [string, string] => {
    if (!text.startsWith('[')) return [name, text];
    return [name, name.endsWith('_URL') ? 'https://placeholder.example.com' : 'a-value-that-azure-puts-in'];
  });
  try {
    readConfig(Object.fromEntries(values));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return [error.message];
    throw error;
  }
}

const secretsLieInTheVault: Rule = (deployment) => {
  const settings = one(deployment, 'Microsoft.Web/sites/config', '/appsettings').properties as Record<string, string>;
  const secret = Object.entries(settings).filter(([name]) => /_(KEYS|SECRETS?|PASSWORD)$/.test(name));
  const site = one(deployment, 'Microsoft.Web/sites').properties;
  const reveals = Object.entries(deployment.outputs).filter(([, value]) =>
    /list[A-Z]\w+\(|ConnectionString|\bsecrets?\b|password/i.test(JSON.stringify(value)),
  );
  return [
    ...(secret.length >= 2 ? [] : ['fewer secrets than the code reads']),
    ...secret
      .filter(([, value]) => !value.includes('@Microsoft.KeyVault(SecretUri='))
      .map(([name]) => `${name} is no reference into the vault`),
    ...(site.keyVaultReferenceIdentity?.includes('userAssignedIdentities') ? [] : ['nobody may follow the references']),
    ...reveals.map(([name]) => `the output ${name} may hold a secret`),
  ];
};

const transportIsSafe: Rule = (deployment) => {
  const site = one(deployment, 'Microsoft.Web/sites').properties;
  return [
    ...differences('storage', one(deployment, 'Microsoft.Storage/storageAccounts').properties, {
      minimumTlsVersion: 'TLS1_2',
      supportsHttpsTrafficOnly: true,
    }),
    ...differences('Service Bus', one(deployment, 'Microsoft.ServiceBus/namespaces').properties, {
      minimumTlsVersion: '1.2',
    }),
    ...differences('app', site, { httpsOnly: true }),
    ...differences('app', site.siteConfig, { minTlsVersion: '1.2', scmMinTlsVersion: '1.2', ftpsState: 'Disabled' }),
  ];
};

/** Kept by a deployment with a private network; one without has nothing to keep. */
const privateModeIsClosed: Rule = (deployment) => {
  if (ofType(deployment, 'Microsoft.Network/virtualNetworks').length === 0) return [];
  const closed = ['Microsoft.Storage/storageAccounts', 'Microsoft.ServiceBus/namespaces', 'Microsoft.KeyVault/vaults'];
  const endpoints = ofType(deployment, 'Microsoft.Network/privateEndpoints').flatMap(
    ({ properties }) => properties.privateLinkServiceConnections[0].properties.groupIds as string[],
  );
  const subnet = one(deployment, 'Microsoft.Web/sites').properties.virtualNetworkSubnetId;
  return [
    ...closed.flatMap((type) =>
      differences(type, one(deployment, type).properties, { publicNetworkAccess: 'Disabled' }),
    ),
    ...differences('endpoints', { of: endpoints.sort() }, { of: ['blob', 'namespace', 'queue', 'table', 'vault'] }),
    ...(String(subnet).includes('/subnets/app') ? [] : ['the app is not in the network']),
  ];
};

const queuesAreThoseOfTheCode: Rule = (deployment) => {
  const queues = ofType(deployment, 'Microsoft.ServiceBus/namespaces/queues');
  return [
    ...differences('queues', { count: queues.length }, { count: queuesFile.queues.length }),
    ...queuesFile.queues.flatMap((wanted) => {
      const queue = queues.find(({ name }) => name.endsWith(`/${wanted.name}`));
      return differences(`queue ${wanted.name}`, queue?.properties ?? {}, {
        lockDuration: `PT${wanted.lockDurationSeconds}S`,
        maxDeliveryCount: wanted.maxDeliveryCount,
        requiresDuplicateDetection: wanted.requiresDuplicateDetection,
        duplicateDetectionHistoryTimeWindow: `PT${wanted.duplicateDetectionWindowSeconds}S`,
        requiresSession: wanted.requiresSession,
        defaultMessageTimeToLive: `PT${wanted.defaultTimeToLiveSeconds}S`,
        deadLetteringOnMessageExpiration: wanted.deadLetteringOnExpiration,
      });
    }),
  ];
};

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

/** All rules of a deployment but those on alerts, by what they say. */
export const RULES: Readonly<Record<string, Rule>> = {
  'roles are narrow, and name the type of their principal': rolesAreNarrow,
  'S14: nothing is reached by a key': nothingHasKeys,
  'the app settings are those that the code reads': settingsAreThoseOfTheCode,
  'S2: secrets lie in the vault, and in no output': secretsLieInTheVault,
  'S7: nothing older than TLS 1.2 is spoken': transportIsSafe,
  'S15: a private network closes the public doors': privateModeIsClosed,
  'the queues are set as the code expects': queuesAreThoseOfTheCode,
  'the app runs on Flex Consumption with Node.js 24 and one identity': hostingIsFlex,
  'S13: people sign in, and only senders with keys and probes need not': signInLeavesOutOnlyWhatBearsKeys,
  'durable state has one place': durableStateHasOnePlace,
};
