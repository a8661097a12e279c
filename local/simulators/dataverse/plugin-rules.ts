import type { StoredValue, Values } from './stored-value.ts';
import type { PluginRule } from './switches.ts';
import type { Table } from './table-metadata.ts';
import { faultCodes, webFault } from './web-fault.ts';

/** Runs the configured plug-ins on what is about to be written and gives the values as they will be stored. */
export function runPlugins(rules: readonly PluginRule[], table: Table, sent: Values): Values {
  const values = { ...sent };
  for (const rule of rules) {
    if (rule.table !== table.metadata.logicalName || !(rule.column in values)) continue;
    runPlugin(rule, values);
  }
  return values;
}

function runPlugin(rule: PluginRule, values: Values): void {
  const value = values[rule.column] ?? null;
  switch (rule.action) {
    case 'trim':
      values[rule.column] = mapText(value, (text) => text.trim());
      return;
    case 'upper':
      values[rule.column] = mapText(value, (text) => text.toUpperCase());
      return;
    case 'lower':
      values[rule.column] = mapText(value, (text) => text.toLowerCase());
      return;
    case 'truncate':
      values[rule.column] = mapText(value, (text) => text.slice(0, rule.length ?? text.length));
      return;
    case 'copy':
      if (rule.to !== undefined) values[rule.to] = value;
      return;
    case 'reject':
      if (rule.containing !== undefined && !String(value ?? '').includes(rule.containing)) return;
      throw webFault(400, faultCodes.pluginAborted, rule.message ?? `A plug-in refused ${rule.column}.`);
  }
}

function mapText(value: StoredValue, change: (text: string) => string): StoredValue {
  return typeof value === 'string' ? change(value) : value;
}
