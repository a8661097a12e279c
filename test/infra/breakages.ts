import { ALERT_RULES } from './alert-rules.ts';
import { HOSTING_RULES } from './hosting-rules.ts';
import { ofType, one, RULES } from './rules.ts';
import type { Deployment, Profile } from './snapshots.ts';

/** All rules, by what they say. */
export const ALL_RULES = { ...RULES, ...HOSTING_RULES, ...ALERT_RULES };

const ROLE = 'Microsoft.Authorization/roleAssignments';
const STORAGE = 'Microsoft.Storage/storageAccounts';
const BUS = 'Microsoft.ServiceBus/namespaces';
const QUEUE = 'Microsoft.ServiceBus/namespaces/queues';
const VAULT = 'Microsoft.KeyVault/vaults';
const SITE = 'Microsoft.Web/sites';
const CONFIG = 'Microsoft.Web/sites/config';
const SETTING = `${CONFIG} /appsettings`;
const ALERT = 'Microsoft.Insights/scheduledQueryRules';

/** The rule that is broken, how, and in which profile (prod unless said). */
type Breakage = [string, string, (deployment: Deployment) => void, Profile?];
const first = (deployment: Deployment, type: string) => {
  const [resource] = ofType(deployment, type);
  if (resource === undefined) throw new Error(`There is no ${type}.`);
  return resource;
};
const settingsOf = (deployment: Deployment) => one(deployment, CONFIG, '/appsettings').properties;
/** Puts a value into the first resource of a type whose name ends as is said behind a space. */
const put =
  (where: string, path: string, value: unknown) =>
  (deployment: Deployment): void => {
    const [type = '', end = ''] = where.split(' ');
    const names = path.split('.');
    const last = names.pop() ?? '';
    const found = ofType(deployment, type).find(({ name }) => name.endsWith(end));
    names.reduce((holder, name) => holder[name], found?.properties)[last] = value;
  };
const criterion = (deployment: Deployment) => first(deployment, ALERT).properties.criteria.allOf[0];

const [
  NARROW = '',
  KEYLESS = '',
  SETTINGS = '',
  SECRETS = '',
  TLS = '',
  PRIVATE = '',
  QUEUES = '',
  FLEX = '',
  SIGN_IN = '',
  DURABLE = '',
  BOUND = '',
  EMITTED = '',
  RUNBOOK = '',
] = Object.keys(ALL_RULES);

/** At least one way to break each rule. */
export const BREAKAGES: Breakage[] = [
  [NARROW, 'has no principal type', (d) => delete first(d, ROLE).properties.principalType],
  [
    NARROW,
    'reaches the whole group',
    (d) => {
      const role = first(d, ROLE);
      role.id = role.id.replace(/\/providers\/(?!Microsoft\.Authorization)[^/]+\/[^/]+\/[^/]+/, '');
    },
  ],
  [NARROW, 'makes an owner', put(ROLE, 'roleDefinitionId', '/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635')],
  [
    KEYLESS,
    'reads keys',
    put(SETTING, 'AzureWebJobsStorage__credential', "[listKeys('x', '2025-06-01').keys[0].value]"),
  ],
  [KEYLESS, 'allows shared keys of storage', put(STORAGE, 'allowSharedKeyAccess', true)],
  [KEYLESS, 'allows keys of Service Bus', put(BUS, 'disableLocalAuth', false)],
  [
    KEYLESS,
    'takes telemetry from anybody',
    (d) => delete one(d, 'Microsoft.Insights/components').properties.DisableLocalAuth,
  ],
  [KEYLESS, 'gives a system a key that may do more', put(`${QUEUE}/authorizationRules`, 'rights', ['Listen', 'Send'])],
  [KEYLESS, 'opens the vault by access policies', put(VAULT, 'enableRbacAuthorization', false)],
  [
    KEYLESS,
    'publishes with a password',
    (d) => {
      one(d, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies', '/scm').properties.allow = true;
    },
  ],
  [SETTINGS, 'leaves a setting out', (d) => delete settingsOf(d).TWINWRITE_FINOPS_URL],
  [SETTINGS, 'sets what nobody reads', put(SETTING, 'TWINWRITE_COLOUR', 'blue')],
  [SETTINGS, 'sets what Flex Consumption refuses', put(SETTING, 'FUNCTIONS_WORKER_RUNTIME', 'node')],
  [
    SETTINGS,
    'gives a connection string instead of an identity',
    put(SETTING, 'TWINWRITE_TABLES_CONNECTION', 'UseDevelopmentStorage=true'),
  ],
  [SETTINGS, 'gives a value that the code refuses', put(SETTING, 'TWINWRITE_IDENTITY', 'nobody')],
  [SECRETS, 'writes a secret into a setting', put(SETTING, 'TWINWRITE_WEBHOOK_KEYS', 'a-plain-key-of-some-length')],
  [SECRETS, 'follows references as nobody', (d) => delete one(d, SITE).properties.keyVaultReferenceIdentity],
  [
    SECRETS,
    'puts out a connection string',
    (d) => {
      d.outputs['INSIGHTS'] = "[reference('x', '2020-02-02').ConnectionString]";
    },
  ],
  [TLS, 'speaks an old TLS to storage', put(STORAGE, 'minimumTlsVersion', 'TLS1_0')],
  [TLS, 'speaks an old TLS to Service Bus', put(BUS, 'minimumTlsVersion', '1.0')],
  [TLS, 'answers without TLS', put(SITE, 'httpsOnly', false)],
  [TLS, 'takes files by FTP', put(SITE, 'siteConfig.ftpsState', 'AllAllowed')],
  [PRIVATE, 'leaves storage open', put(STORAGE, 'publicNetworkAccess', 'Enabled')],
  [PRIVATE, 'leaves Service Bus open', (d) => delete first(d, BUS).properties.publicNetworkAccess],
  [PRIVATE, 'leaves the vault open', put(VAULT, 'publicNetworkAccess', 'Enabled')],
  [
    PRIVATE,
    'forgets an endpoint',
    (d) => {
      const [gone] = ofType(d, 'Microsoft.Network/privateEndpoints');
      d.predictedResources = d.predictedResources.filter((resource) => resource !== gone);
    },
  ],
  [PRIVATE, 'leaves the app outside', (d) => delete one(d, SITE).properties.virtualNetworkSubnetId],
  [QUEUES, 'locks for another time', put(`${QUEUE} /changes`, 'lockDuration', 'PT5M')],
  [QUEUES, 'detects no duplicates', put(`${QUEUE} /changes`, 'requiresDuplicateDetection', false)],
  [
    QUEUES,
    'has a queue that nobody knows',
    (d) => {
      d.predictedResources.push({ ...first(d, QUEUE), name: 'namespace/another' });
    },
  ],
  [FLEX, 'runs an old Node.js', put(SITE, 'functionAppConfig.runtime.version', '20')],
  [
    FLEX,
    'runs on another plan',
    (d) => {
      one(d, 'Microsoft.Web/serverfarms').sku = { name: 'Y1' };
    },
  ],
  [
    FLEX,
    'fetches its package with a key',
    (d) => {
      const { storage } = one(d, SITE).properties.functionAppConfig.deployment;
      storage.authentication.type = 'StorageAccountConnectionString';
    },
  ],
  [
    SIGN_IN,
    'lets anybody call the API',
    (d) => {
      one(d, CONFIG, '/authsettingsV2').properties.globalValidation.excludedPaths.push('/api/v1');
    },
  ],
  [
    SIGN_IN,
    'asks nobody to sign in',
    (d) => {
      one(d, CONFIG, '/authsettingsV2').properties.globalValidation.requireAuthentication = false;
    },
  ],
  [
    DURABLE,
    'keeps state where its queues may not be used',
    (d) => {
      const others = (role: { properties?: { roleDefinitionId?: string } }) =>
        !role.properties?.roleDefinitionId?.endsWith('974c5e8b-45b9-4653-ba55-5f855dd0fb88');
      d.predictedResources = d.predictedResources.filter(others);
    },
  ],
  [
    DURABLE,
    'has no hub',
    (d) => {
      one(d, 'Microsoft.DurableTask/schedulers/taskHubs').name = 'scheduler/other';
    },
    'test',
  ],
  [
    DURABLE,
    'does not say where its scheduler is',
    (d) => delete settingsOf(d).DURABLE_TASK_SCHEDULER_CONNECTION_STRING,
    'test',
  ],
  [
    BOUND,
    'asks in a broken language',
    (d) => {
      criterion(d).query += '| wher x';
    },
  ],
  [
    BOUND,
    'asks a column that the table does not have',
    (d) => {
      criterion(d).query = criterion(d).query.replace('where message', 'where mesage');
    },
  ],
  [
    BOUND,
    'measures a column that the query does not give',
    (d) => {
      criterion(d).metricMeasureColumn = 'lag';
    },
  ],
  [
    BOUND,
    'draws a broken query',
    (d) => {
      const workbook = one(d, 'Microsoft.Insights/workbooks').properties;
      workbook.serializedData = workbook.serializedData.replace('| order by', '| order bye');
    },
  ],
  [
    EMITTED,
    'waits for an event that nobody emits',
    (d) => {
      const lag = one(d, ALERT, '-lag').properties.criteria.allOf[0];
      lag.query = lag.query.replace("'change.written'", "'change.wrote'");
    },
  ],
  [
    EMITTED,
    'reads a field that the event does not have',
    (d) => {
      const lag = one(d, ALERT, '-lag').properties.criteria.allOf[0];
      lag.query = lag.query.replace('e.lagMs', 'e.delayMs');
    },
  ],
  [RUNBOOK, 'leads nowhere', put(ALERT, 'description', 'Something is wrong.')],
  [
    RUNBOOK,
    'leads to a page that does not exist',
    put(ALERT, 'description', 'See https://example.com/docs/alerts.md#nothing'),
  ],
  [RUNBOOK, 'tells nobody', put('Microsoft.Insights/metricAlerts', 'actions', [])],
];
