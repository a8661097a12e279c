import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bicep-compiler.ts';
import { analyse } from './kusto.ts';
import { ofType, type Rule } from './rules.ts';
import type { Deployment } from './snapshots.ts';

/** The queries of a deployment: of its alerts and of the pages of its workbook, by name. */
export function queriesOf(deployment: Deployment): { name: string; query: string; measure?: string }[] {
  const alerts = ofType(deployment, 'Microsoft.Insights/scheduledQueryRules').map(({ name, properties }) => {
    const [criterion] = properties.criteria.allOf;
    return { name, query: criterion.query as string, measure: criterion.metricMeasureColumn as string };
  });
  const pages = ofType(deployment, 'Microsoft.Insights/workbooks').flatMap(({ properties }) =>
    workbookItems(properties.serializedData),
  );
  return [...alerts, ...pages];
}

/** The workbook is one text, with an expression around it where it names ids that only Azure knows. */
function workbookItems(serialized: string): { name: string; query: string }[] {
  const { items } = JSON.parse(serialized) as { items: { name: string; content: { query?: string } }[] };
  return items.flatMap(({ name, content }) => (content.query === undefined ? [] : [{ name, query: content.query }]));
}

const queriesCanBeRun: Rule = (deployment) =>
  queriesOf(deployment).flatMap(({ name, query, measure }) => {
    const { errors, columns } = analyse(query);
    const missing = measure === undefined || columns.includes(measure) ? [] : [`no column ${measure}`];
    return [...errors, ...missing].map((problem) => `${name}: ${problem}`);
  });

/** Fields of each event of the catalogue, from its type. */
export function catalogue(): Map<string, Set<string>> {
  const source = readFileSync(join(root, 'shared/ports/telemetry.ts'), 'utf8');
  const events = new Map<string, Set<string>>();
  for (const [, names = '', rest = ''] of source.matchAll(/^ {2}\| \{ event: ([^;]+);([^}]+)\}/gm)) {
    const fields = new Set([...rest.matchAll(/(\w+)\??:/g)].map(([, field = '']) => field));
    for (const [, name = ''] of names.matchAll(/'([^']+)'/g)) events.set(name, fields);
  }
  return events;
}

const queriesNameWhatIsEmitted: Rule = (deployment) => {
  const known = catalogue();
  return queriesOf(deployment).flatMap(({ name, query }) => {
    const compared = [...query.matchAll(/\bevent (==|startswith|in) (\([^)]*\)|'[^']*')/g)];
    const named = compared.flatMap(([, operator, list = '']) =>
      [...list.matchAll(/'([^']+)'/g)].map(([, event = '']) => ({ event, isStart: operator === 'startswith' })),
    );
    const unknown = named.filter(({ event, isStart }) =>
      isStart ? ![...known.keys()].some((key) => key.startsWith(event)) : !known.has(event),
    );
    const events = named.length === 0 ? [...known.keys()] : named.map(({ event }) => event);
    const fields = new Set(events.flatMap((event) => [...(known.get(event) ?? [])]));
    // What every query begins with reads these three of every event, whether it has them or not.
    const own = query.slice(query.indexOf('tostring(e.code);'));
    const used = [...own.matchAll(/\be\.(\w+)|\be\['(\w+)'\]/g)].map(([, plain, quoted]) => plain ?? quoted ?? '');
    const isEmitted = (field: string): boolean => field === 'code' || fields.has(field);
    return [
      ...unknown.map(({ event }) => `${name}: nobody emits ${event}`),
      ...used.filter((field) => !isEmitted(field)).map((field) => `${name}: no such event has ${field}`),
    ];
  });
};

const alertsLeadToTheRunbook: Rule = (deployment) => {
  const page = readFileSync(join(root, 'docs/alerts.md'), 'utf8');
  const headings = new Set([...page.matchAll(/^## (\S+)$/gm)].map(([, heading]) => heading));
  const alerts = ['Microsoft.Insights/scheduledQueryRules', 'Microsoft.Insights/metricAlerts'].flatMap((type) =>
    ofType(deployment, type),
  );
  return alerts.flatMap(({ name, properties }) => {
    const [, anchor = ''] = /\/alerts\.md#(\S+)$/.exec(properties.description) ?? [];
    const actions = properties.actions.actionGroups ?? properties.actions;
    const findings = [
      headings.has(anchor) ? '' : `no page of the runbook (${anchor})`,
      actions.length > 0 ? '' : 'tells nobody',
      properties.autoMitigate === true ? '' : 'never ends by itself',
    ];
    return findings.filter((finding) => finding !== '').map((finding) => `${name}: ${finding}`);
  });
};

/** Rules of alerts and workbook, by what they say. */
export const ALERT_RULES: Readonly<Record<string, Rule>> = {
  'queries bind to the tables, and give the column that is measured': queriesCanBeRun,
  'queries name events and fields of the catalogue': queriesNameWhatIsEmitted,
  'alerts lead to the runbook, tell somebody, and end': alertsLeadToTheRunbook,
};
