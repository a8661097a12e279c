import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../../local/ports.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { startBrowser, type TestBrowser } from './browser.ts';

const crossingMs = 20_000;
const finopsName = 'Name in Finance and Operations';
const dataverseName = 'Name in Dataverse';

let browser: TestBrowser;
let stack: Stack;
let page: Page;
let stateDirectory = '';
let serial = 0;

beforeAll(async () => {
  browser = await startBrowser();
  stateDirectory = mkdtempSync(join(tmpdir(), 'twinwrite-page-'));
  stack = await startStack({
    ports: await freePorts(),
    root: join(import.meta.dirname, '../..'),
    stateDirectory,
    reset: true,
    customers: 20,
    hostLog: () => {},
    say: () => {},
  });
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  if (stateDirectory !== '') rmSync(stateDirectory, { recursive: true, force: true, maxRetries: 5 });
});

beforeEach(async () => {
  page = await browser.open(`${stack.simulators.url}/sim/`);
  await page.locator('form.panel').first().waitFor();
  await firstLoadIsOver();
});

afterEach(async () => {
  await page.close();
  expect(browser.complaints.splice(0)).toEqual([]);
});

/** The first load writes rows by itself; it is over when all customers are on both sides. */
async function firstLoadIsOver(): Promise<void> {
  await page.getByLabel('Show', { exact: true }).selectOption('single');
  await page.locator('#list', { hasText: 'No record matches' }).waitFor({ timeout: 60_000 });
  await page.getByLabel('Show', { exact: true }).selectOption('all');
}

function uniqueName(): string {
  serial += 1;
  return `Renamed ${serial} Ltd`;
}

async function save(input: Locator, value: string): Promise<void> {
  await input.fill(value);
  await input.press('Enter');
}

function newestEntry(): Locator {
  return page.locator('#timeline > li').first();
}

async function valueBecomes(input: Locator, value: string): Promise<void> {
  await expect.poll(() => input.inputValue(), { timeout: crossingMs }).toBe(value);
}

async function newestSays(pattern: RegExp): Promise<void> {
  await expect.poll(() => newestEntry().innerText(), { timeout: crossingMs }).toMatch(pattern);
}

describe('a customer on both sides', () => {
  it('follows an edit from F&O to Dataverse and one back, with one write each', async () => {
    const there = uniqueName();
    await save(page.getByLabel(finopsName, { exact: true }), there);
    await valueBecomes(page.getByLabel(dataverseName, { exact: true }), there);
    await newestSays(/changed name in Finance and Operations[\s\S]*crossed in \d[\d.]* m?s\s*1 write$/);
    expect(await page.locator('.panel-dataverse .facts').innerText()).toContain('by Twinwrite');

    const back = uniqueName();
    await save(page.getByLabel(dataverseName, { exact: true }), back);
    await valueBecomes(page.getByLabel(finopsName, { exact: true }), back);
    await newestSays(/changed name in Dataverse[\s\S]*crossed in \d[\d.]* m?s\s*1 write$/);
    await expect.poll(() => page.locator('.standing').innerText()).toMatch(/equal/);

    // An echo would come within this time, and would count as a second write.
    await page.waitForTimeout(1500);
    await newestSays(/1 write$/);
  });

  it('waits while Dataverse is unavailable and arrives after the repair', async () => {
    await page.locator('#faults').getByLabel('Dataverse').selectOption('unavailable-503');
    await page.getByText('Dataverse answers 503, unavailable').waitFor();
    const name = uniqueName();
    const before = await page.getByLabel(dataverseName, { exact: true }).inputValue();
    await save(page.getByLabel(finopsName, { exact: true }), name);
    await newestSays(/waiting for Dataverse/);
    expect(await page.locator('.standing').innerText()).toMatch(/differs[\s\S]*waiting for Dataverse/);
    expect(await page.getByLabel(dataverseName, { exact: true }).inputValue()).toBe(before);

    await page.getByRole('button', { name: 'Repair everything' }).click();
    await expect.poll(() => page.locator('#broken').isHidden()).toBe(true);
    await valueBecomes(page.getByLabel(dataverseName, { exact: true }), name);
    await newestSays(/crossed in [\s\S]*1 write$/);
  });

  it('keeps what is being typed when the other side changes the field', async () => {
    await page.getByLabel(dataverseName, { exact: true }).fill('half typed');
    const name = uniqueName();
    await save(page.getByLabel(finopsName, { exact: true }), name);
    await page.locator('.panel-dataverse .note', { hasText: `meanwhile “${name}”` }).waitFor({ timeout: crossingMs });
    expect(await page.getByLabel(dataverseName, { exact: true }).inputValue()).toBe('half typed');
    await page.getByLabel(dataverseName, { exact: true }).press('Escape');
    expect(await page.getByLabel(dataverseName, { exact: true }).inputValue()).toBe(name);
  });

  it('says why a value was refused, and leaves it for correction', async () => {
    const group = page.getByLabel('Customer group in Dataverse');
    await save(group, 'no such group');
    await page.locator('.panel-dataverse .error', { hasText: 'There is no customer group "no such group"' }).waitFor();
    expect(await group.inputValue()).toBe('no such group');
    await group.press('Escape');
  });
});

describe('a record of its own', () => {
  it('is created in Dataverse, appears in F&O, and is deleted on both sides', async () => {
    await page.getByLabel('Records', { exact: true }).selectOption('customer-groups');
    await page.getByRole('button', { name: 'New …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Create in').selectOption('dataverse');
    await dialog.getByLabel('Customer group').fill('ZZ1');
    await dialog.getByLabel('Description').fill('Made on the page');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByLabel('Search').fill('zz1');
    const item = page.locator('#list button');
    await expect.poll(() => item.innerText(), { timeout: crossingMs }).toMatch(/Made on the page[\s\S]*equal/);
    await item.click();
    await page.locator('.panel-finops').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('ZZ1 is gone on both sides').waitFor({ timeout: crossingMs });
  });
});

describe('the page', () => {
  it('keeps the record and the timeline over a reload', async () => {
    const name = uniqueName();
    await save(page.getByLabel(finopsName, { exact: true }), name);
    await newestSays(/crossed in/);
    await page.reload();
    await valueBecomes(page.getByLabel(finopsName, { exact: true }), name);
    await newestSays(new RegExp(`${name}[\\s\\S]*crossed in`));
  });

  it('is well, has a language, a title, and a label on every input', async () => {
    await page.getByText('Twinwrite is well').waitFor();
    const found = await page.evaluate(() => {
      const { document } = globalThis as unknown as { document: PageDocument };
      const inputs = [...document.querySelectorAll('input, select, textarea')];
      return {
        lang: document.documentElement.lang,
        title: document.title,
        inputs: inputs.length,
        unlabelled: inputs.filter(({ labels }) => labels.length === 0).map(({ outerHTML }) => outerHTML),
        unnamed: [...document.querySelectorAll('button')].filter(({ textContent }) => textContent.trim() === '').length,
        ids: [...document.querySelectorAll('[id]')].map(({ id }) => id),
      };
    });
    expect(found).toMatchObject({ lang: 'en', unlabelled: [], unnamed: 0 });
    expect(found.title).not.toBe('');
    expect(found.inputs).toBeGreaterThan(15);
    expect(new Set(found.ids).size).toBe(found.ids.length);
  });

  it.each([390, 760, 1400])('does not scroll sideways at a width of %i px', async (width) => {
    await page.setViewportSize({ width, height: 844 });
    const overflow = await page.evaluate(() => {
      const { document } = globalThis as unknown as { document: PageDocument };
      return document.documentElement.scrollWidth - document.documentElement.clientWidth;
    });
    expect(overflow).toBe(0);
  });
});

/** The little of the DOM that these tests look at inside the page. */
interface PageDocument {
  title: string;
  documentElement: { lang: string; scrollWidth: number; clientWidth: number };
  querySelectorAll(selector: string): Iterable<{
    id: string;
    textContent: string;
    outerHTML: string;
    labels: { length: number };
  }>;
}
