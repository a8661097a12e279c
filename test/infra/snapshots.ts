import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bicep-compiler.ts';

/** The profiles of `infra/main.bicepparam`. */
export const PROFILES = ['dev', 'test', 'prod'] as const;
export type Profile = (typeof PROFILES)[number];

/** A resource as a deployment would create it: what only Azure knows is an expression in brackets. */
export interface Resource {
  id: string;
  type: string;
  name: string;
  apiVersion: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape depends on the type of the resource
  properties?: any;
  sku?: { name: string; tier?: string };
  identity?: { type: string };
  tags?: Record<string, string>;
}

/** All that one profile deploys. */
export interface Deployment {
  predictedResources: Resource[];
  diagnostics: unknown[];
  outputs: Record<string, unknown>;
}

/** Where the deployment of a profile is kept for review; the compiler's test renews it with `-u`. */
export function snapshotPath(profile: Profile): string {
  return join(root, `infra/snapshots/${profile}.json`);
}

/** A copy of the kept deployment of a profile. */
export function readSnapshot(profile: Profile): Deployment {
  return JSON.parse(readFileSync(snapshotPath(profile), 'utf8')) as Deployment;
}

/** What an environment says about itself, so that every optional part is deployed. */
export function environmentOf(profile: Profile): Record<string, string> {
  return {
    ENVIRONMENT_PROFILE: profile,
    AZURE_ENV_NAME: profile,
    AZURE_LOCATION: 'westeurope',
    DATAVERSE_URL: 'https://contoso.api.crm4.dynamics.com/api/data/v9.2',
    FINOPS_URL: 'https://contoso.operations.dynamics.com',
    DOCS_URL: 'https://example.com/docs',
    ALERT_EMAILS: 'operators@example.com',
    BUDGET_START: '2026-12-01',
    SIGN_IN_CLIENT_ID: '00000000-0000-4000-8000-000000000003',
    OPERATORS_GROUP_ID: '00000000-0000-4000-8000-000000000004',
    DIRECT_EVENTS: profile === 'dev' ? '' : 'true',
    DEPLOYER_TYPE: 'ServicePrincipal',
  };
}
