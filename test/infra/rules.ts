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

/** The namespace of the app, and the one that the two systems post to, if there is one. */
const OWN_NAMESPACE = /^sb-twinwrite-[a-z0-9]+$/;
const DIRECT_NAMESPACE = /^sb-twinwrite-[a-z0-9]+-direct$/;

/** The one namespace whose name is of a kind. */
function namespaceOf(deployment: Deployment, kind: RegExp): Resource {
  const [found] = ofType(deployment, 'Microsoft.ServiceBus/namespaces').filter(({ name }) => kind.test(name));
  if (found === undefined) throw new Error(`There is no namespace ${kind}.`);
  return found;
}

/** Findings of comparing properties with what they have to be. */
export function differences(
  subject: string,
  actual: Record<string, unknown>,
  expected: Record<string, unknown>,
): string[] {
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
  const words = ['listKeys', 'listAccountSas', 'listServiceSas', 'AccountKey=', 'SharedAccessKey'];
  const storage = one(deployment, 'Microsoft.Storage/storageAccounts').properties;
  const bus = namespaceOf(deployment, OWN_NAMESPACE).properties;
  const insights = one(deployment, 'Microsoft.Insights/components').properties;
  const vault = one(deployment, 'Microsoft.KeyVault/vaults').properties;
  const publishing = ofType(deployment, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies');
  const rights = deployment.predictedResources
    .filter(({ type }) => /authorizationRules$/i.test(type))
    .flatMap(({ name, properties }) => (`${properties.rights}` === 'Send' && name.includes('-direct/') ? [] : [name]));
  const allowed = publishing.filter(({ properties }) => properties.allow !== false);
  return [
    ...words.filter((word) => text.includes(word)).map((word) => `the template says ${word}`),
    ...differences('storage', storage, { allowSharedKeyAccess: false, allowBlobPublicAccess: false }),
    ...differences('Service Bus', bus, { disableLocalAuth: true }),
    ...differences('Application Insights', insights, { DisableLocalAuth: true }),
    ...differences('vault', vault, { enableRbacAuthorization: true }),
    ...rights.map((name) => `the key ${name} may do more than send to a queue of the systems`),
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
  'DirectEventsConnection',
  // The platform's own.
  'WEBSITE_AUTH_ENABLED',
]);

/** Settings that the host, its extensions or the platform read. */
const OF_THE_HOST =
  /^(AzureWebJobsStorage__(credential|clientId|(blob|queue|table)ServiceUri)|(ServiceBus|DirectEvents)Connection__(credential|clientId)|APPLICATIONINSIGHTS_(CONNECTION|AUTHENTICATION)_STRING|FUNCTIONS_REQUEST_BODY_SIZE_LIMIT|DURABLE_TASK_SCHEDULER_CONNECTION_STRING|OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID)$/;

function settingsOfTheCode(): string[] {
  const source = readFileSync(join(root, 'shared/config.ts'), 'utf8');
  const [, schema = ''] = /^const settings = z\.object\(\{\n([\s\S]*?)^\}\);/m.exec(source) ?? [];
  return [...schema.matchAll(/^ {2}(\w+): /gm)].map(([, name = '']) => name);
}

const settingsAreThoseOfTheCode: Rule = (deployment) => {
  const settings = one(deployment, 'Microsoft.Web/sites/config', '/appsettings').properties as Record<string, string>;
  const read = settingsOfTheCode();
  const direct = ofType(deployment, 'Microsoft.ServiceBus/namespaces').some(({ name }) => DIRECT_NAMESPACE.test(name));
  const needed = read.filter((name) => !NOT_IN_AZURE.has(name) && (direct || !name.startsWith('DirectEvents')));
  const missing = needed.filter((name) => settings[name] === undefined);
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
    ...differences('Service Bus', namespaceOf(deployment, OWN_NAMESPACE).properties, {
      minimumTlsVersion: '1.2',
    }),
    ...differences('app', site, { httpsOnly: true }),
    ...differences('app', site.siteConfig, { minTlsVersion: '1.2', scmMinTlsVersion: '1.2', ftpsState: 'Disabled' }),
  ];
};

/** Kept by a deployment with a private network; one without has nothing to keep. */
const privateModeIsClosed: Rule = (deployment) => {
  if (ofType(deployment, 'Microsoft.Network/virtualNetworks').length === 0) return [];
  const closed = ['Microsoft.Storage/storageAccounts', 'Microsoft.KeyVault/vaults'].map((type) =>
    one(deployment, type),
  );
  const endpoints = ofType(deployment, 'Microsoft.Network/privateEndpoints').flatMap(
    ({ properties }) => properties.privateLinkServiceConnections[0].properties.groupIds as string[],
  );
  const subnet = one(deployment, 'Microsoft.Web/sites').properties.virtualNetworkSubnetId;
  return [
    ...[...closed, namespaceOf(deployment, OWN_NAMESPACE)].flatMap(({ type, properties }) =>
      differences(type, properties, { publicNetworkAccess: 'Disabled' }),
    ),
    ...differences('endpoints', { of: endpoints.sort() }, { of: ['blob', 'namespace', 'queue', 'table', 'vault'] }),
    ...(String(subnet).includes('/subnets/app') ? [] : ['the app is not in the network']),
  ];
};

const queuesAreThoseOfTheCode: Rule = (deployment) => {
  const queues = ofType(deployment, 'Microsoft.ServiceBus/namespaces/queues');
  const direct = queues.filter(({ name }) => name.includes('-direct/'));
  const wanted = [...queuesFile.queues, ...(direct.length === 0 ? [] : queuesFile.directQueues)];
  return [
    ...differences('queues', { count: queues.length }, { count: wanted.length }),
    ...wanted.flatMap((settings) => {
      const queue = queues.find(({ name }) => name.endsWith(`/${settings.name}`));
      const window = 'duplicateDetectionWindowSeconds' in settings ? settings.duplicateDetectionWindowSeconds : null;
      return differences(`queue ${settings.name}`, queue?.properties ?? {}, {
        lockDuration: `PT${settings.lockDurationSeconds}S`,
        maxDeliveryCount: settings.maxDeliveryCount,
        requiresDuplicateDetection: settings.requiresDuplicateDetection,
        ...(window === null ? {} : { duplicateDetectionHistoryTimeWindow: `PT${window}S` }),
        requiresSession: settings.requiresSession,
        defaultMessageTimeToLive: `PT${settings.defaultTimeToLiveSeconds}S`,
        deadLetteringOnMessageExpiration: settings.deadLetteringOnExpiration,
      });
    }),
  ];
};

/** All rules of a deployment but those on hosting and alerts, by what they say. */
export const RULES: Readonly<Record<string, Rule>> = {
  'roles are narrow, and name the type of their principal': rolesAreNarrow,
  'S14: nothing is reached by a key': nothingHasKeys,
  'the app settings are those that the code reads': settingsAreThoseOfTheCode,
  'S2: secrets lie in the vault, and in no output': secretsLieInTheVault,
  'S7: nothing older than TLS 1.2 is spoken': transportIsSafe,
  'S15: a private network closes the public doors': privateModeIsClosed,
  'the queues are set as the code expects': queuesAreThoseOfTheCode,
};
