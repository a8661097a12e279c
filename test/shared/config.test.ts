import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../shared/config.ts';

const COMPLETE = {
  TWINWRITE_DATAVERSE_URL: 'https://contoso.api.crm4.dynamics.com/api/data/v9.2',
  TWINWRITE_FINOPS_URL: 'https://contoso.operations.dynamics.com',
  TWINWRITE_WEBHOOK_KEYS: 'a-webhook-key-of-length, another-webhook-key-of-length',
  TWINWRITE_TAG_SECRETS: 'a-tag-secret-of-length',
  TWINWRITE_TABLES_URL: 'https://contoso.table.core.windows.net',
  ServiceBusConnection__fullyQualifiedNamespace: 'contoso.servicebus.windows.net',
};

/** The names of the settings that are complained of. */
function complaints(environment: Record<string, string | undefined>): string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [...error.message.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name ?? '');
  }
}

describe('readConfig', () => {
  it('reads a complete environment, with the managed identity unless told otherwise', () => {
    expect(readConfig(COMPLETE)).toMatchObject({
      TWINWRITE_IDENTITY: 'managed-identity',
      TWINWRITE_FINOPS_HONOURS_IF_MATCH: 'true',
      TWINWRITE_WEBHOOK_KEYS: ['a-webhook-key-of-length', 'another-webhook-key-of-length'],
      TWINWRITE_TAG_SECRETS: ['a-tag-secret-of-length'],
    });
  });

  it('tells everything that is missing at once', () => {
    expect(complaints({}).sort()).toEqual([
      'ServiceBusConnection__fullyQualifiedNamespace',
      'TWINWRITE_DATAVERSE_URL',
      'TWINWRITE_FINOPS_URL',
      'TWINWRITE_TABLES_URL',
      'TWINWRITE_TAG_SECRETS',
      'TWINWRITE_WEBHOOK_KEYS',
    ]);
  });

  it('refuses addresses that are none, secrets that are short, and more than two of them', () => {
    expect(complaints({ ...COMPLETE, TWINWRITE_FINOPS_URL: 'contoso' })).toEqual(['TWINWRITE_FINOPS_URL']);
    expect(complaints({ ...COMPLETE, TWINWRITE_FINOPS_URL: 'ftp://contoso' })).toEqual(['TWINWRITE_FINOPS_URL']);
    expect(complaints({ ...COMPLETE, TWINWRITE_TAG_SECRETS: 'short' })).toContain('TWINWRITE_TAG_SECRETS');
    const three = Array.from({ length: 3 }, (_, index) => `webhook-key-number-${index}`).join(',');
    expect(complaints({ ...COMPLETE, TWINWRITE_WEBHOOK_KEYS: three })).toEqual(['TWINWRITE_WEBHOOK_KEYS']);
    expect(complaints({ ...COMPLETE, TWINWRITE_IDENTITY: 'password' })).toContain('TWINWRITE_IDENTITY');
  });

  it('S7: refuses to send tokens over a plain connection, but to this machine', () => {
    const plain = (url: string) => complaints({ ...COMPLETE, TWINWRITE_FINOPS_URL: url });
    expect(plain('http://contoso.operations.dynamics.com')).toEqual(['TWINWRITE_FINOPS_URL']);
    expect(plain('http://localhost.contoso.com')).toEqual(['TWINWRITE_FINOPS_URL']);
    expect(plain('http://127.0.0.1@contoso.com')).toEqual(['TWINWRITE_FINOPS_URL']);
    for (const local of ['http://localhost:7080/finops', 'http://127.0.0.1:7080', 'http://[::1]:7080']) {
      expect(plain(local)).toEqual([]);
    }
  });

  it('wants a client and its secret where sign-in is by client credentials', () => {
    const environment = { ...COMPLETE, TWINWRITE_IDENTITY: 'client-credentials' };
    expect(complaints(environment)).toEqual(['TWINWRITE_TOKEN_URL', 'TWINWRITE_CLIENT_ID', 'TWINWRITE_CLIENT_SECRET']);
    const told = { TWINWRITE_TOKEN_URL: 'https://login', TWINWRITE_CLIENT_ID: 'id', TWINWRITE_CLIENT_SECRET: 'secret' };
    expect(complaints({ ...environment, ...told })).toEqual([]);
  });

  it('takes connection strings instead of identities', () => {
    const { TWINWRITE_TABLES_URL: _tables, ServiceBusConnection__fullyQualifiedNamespace: _bus, ...rest } = COMPLETE;
    const connections = {
      TWINWRITE_TABLES_CONNECTION: 'UseDevelopmentStorage=true',
      ServiceBusConnection: 'Endpoint=sb://x',
    };
    expect(complaints({ ...rest, ...connections })).toEqual([]);
    expect(complaints(rest)).toHaveLength(2);
  });

  it('shows no secret in its complaints', () => {
    try {
      readConfig({ ...COMPLETE, TWINWRITE_TAG_SECRETS: 'hush', TWINWRITE_FINOPS_URL: 'x' });
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toContain('hush');
    }
  });
});
