import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { USUAL_PORTS } from '../local/ports.ts';
import packageFile from '../package.json' with { type: 'json' };
import { FAULT_CODES, type FaultCode } from '../shared/core/fault/fault-codes.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const documents = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: root }).sort()];
const azure = read('docs/azure.md');

describe.each(documents)('%s', (document) => {
  const text = read(document);

  it('links only to files and headings that exist', () => {
    const broken = linksOf(text).filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? document : join(dirname(document), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(read(target)).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names only scripts that exist, and whose entry exists', () => {
    const scripts: Readonly<Record<string, string>> = packageFile.scripts;
    const broken = [...text.matchAll(/npm run ([\w:-]+)/g)].flatMap(([, name = '']) => {
      const command = scripts[name];
      if (command === undefined) return [`${name} is no script`];
      const [, entry] = /^node (\S+)/.exec(command) ?? [];
      const runs = entry === undefined || entry.startsWith('-') || existsSync(join(root, entry));
      return runs ? [] : [`${name} needs ${entry}`];
    });
    expect([...new Set(broken)]).toEqual([]);
  });
});

describe('the documents', () => {
  it('show the picture and the usual ports in the README', () => {
    const readme = read('README.md');
    expect(readme).toContain('](docs/picture.svg)');
    for (const port of Object.values(USUAL_PORTS)) expect(readme).toContain(`| ${port} |`);
  });

  it('name every setting of the app for Azure, and no other of its name', () => {
    const settings = settingsOf(read('shared/config.ts'));
    expect(settings.length).toBeGreaterThan(10);
    expect(settings.filter((name) => !azure.includes(`| \`${name}\` |`))).toEqual([]);
    const named = new Set(documents.flatMap((document) => read(document).match(/\bTWINWRITE_\w+/g) ?? []));
    expect([...named].filter((name) => !settings.includes(name))).toEqual([]);
  });

  it('name every route of the app for Azure', () => {
    const triggers = globSync('functions/**/*.ts', { cwd: root }).map(read).join('\n');
    const routes = [...triggers.matchAll(/route: '([^'{]+)/g)].map(([, route = '']) => route);
    expect(routes.length).toBeGreaterThan(5);
    expect(routes.filter((route) => !azure.includes(`/${route}`))).toEqual([]);
  });

  it('have a runbook that says what the fault codes say (renew it with -u)', async () => {
    await expect(runbook()).toMatchFileSnapshot(join(root, 'docs/runbook.md'));
  });
});

/** Targets of relative links outside code. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** Anchors of the headings, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Names of the settings, in the order of the schema. */
function settingsOf(source: string): string[] {
  const [, schema = ''] = /^const settings = z\.object\(\{\n([\s\S]*?)^\}\);/m.exec(source) ?? [];
  return [...schema.matchAll(/^ {2}(\w+): /gm)].map(([, name = '']) => name);
}

const CHAPTERS: Readonly<Record<string, string>> = {
  TW1: 'The other system',
  TW2: 'The record',
  TW3: 'The map',
  TW4: 'The ingress',
  TW5: 'Own state',
};

const INTRODUCTION = `# Runbook

What each fault code means, and what to do. A code stands in the log with \`change.parked\`, in the parked change itself, and in
the answers of the app (\`code\` of the problem). Where an entry says *retry the parked change*: parked changes are tried again by
themselves, after 15 seconds at first and after an hour at most; any new edit of the record tries it at once. What \`TW210\`
and \`TW211\` have parked waits for such an edit only. A field that \`TW211\` has parked is settled by giving it the same value on
both sides.

This page is written from [fault-codes.ts](../shared/core/fault/fault-codes.ts).
`;

function runbook(): string {
  const codes = Object.keys(FAULT_CODES) as FaultCode[];
  const chapters = [...Map.groupBy(codes, (code) => code.slice(0, 3))].map(([range, members]) => {
    const chapter = CHAPTERS[range];
    if (chapter === undefined) throw new Error(`The codes ${range}xx have no chapter.`);
    const entries = members.map((code) => `### ${code}\n\n${FAULT_CODES[code]}\n`);
    return `## ${chapter} (${range}xx)\n\n${entries.join('\n')}`;
  });
  return `${INTRODUCTION}\n${chapters.join('\n')}`;
}
