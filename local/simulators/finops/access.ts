import { accessFault } from './faults.ts';
import type { Entity } from './metadata.ts';
import type { StoredRow } from './row-store.ts';

/** A user of the simulated environment; an app always works as the user it is mapped to. */
export interface FinopsUser {
  id: string;
  /** The company of calls that do not say `cross-company=true`, and of created rows that name none. */
  defaultCompany: string;
  /** Object id in Microsoft Entra, as business events show it. */
  entraObjectId: string;
  isApp: boolean;
  /** Companies the user's roles do not reach: their rows are not seen, and writes into them are refused. */
  hiddenCompanies: string[];
  /** Entities (public names, or `*`) that the user's roles do not allow for an operation. */
  refused: { read?: string[]; create?: string[]; update?: string[]; delete?: string[] };
}

export interface Caller {
  user: FinopsUser;
  crossCompany: boolean;
}

export const integrationUserId = 'integration';

/** A user nobody has described: works in DAT, the company of a fresh F&O user. */
export function plainUser(id: string): FinopsUser {
  const digits = Buffer.from(id.padEnd(16, '.')).toString('hex').toUpperCase().slice(0, 32);
  return {
    id,
    defaultCompany: 'dat',
    entraObjectId: digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    isApp: id === integrationUserId,
    hiddenCompanies: [],
    refused: {},
  };
}

export function companyOf(entity: Entity, row: StoredRow): string | null {
  return entity.metadata.companySpecific ? String(row.values['dataAreaId'] ?? '') : null;
}

/** Whether the caller sees a row: without `cross-company=true` only the default company's, whatever the filter says. */
export function canSee(caller: Caller, entity: Entity, row: StoredRow): boolean {
  const company = companyOf(entity, row);
  if (company === null) {
    return true;
  }
  const reached = caller.crossCompany || company === caller.user.defaultCompany.toLowerCase();
  return reached && !caller.user.hiddenCompanies.includes(company);
}

/** Throws a 403 fault when the caller's roles lack the privilege on the entity. */
export function demandPrivilege(
  user: FinopsUser,
  entity: Entity,
  operation: 'read' | 'create' | 'update' | 'delete',
): void {
  const refused = user.refused[operation] ?? [];
  if (refused.includes('*') || refused.includes(entity.metadata.name)) {
    throw accessFault(`Access denied: user ${user.id} may not ${operation} ${entity.metadata.aotName}.`);
  }
}

/** Throws a 403 fault when a row would be created in a company the caller's roles do not reach. */
export function demandCompany(user: FinopsUser, company: string): void {
  if (user.hiddenCompanies.includes(company)) {
    throw accessFault(`Access denied: user ${user.id} has no role in company ${company}.`);
  }
}
