import { interactiveUserId } from '../../../local/simulators/dataverse/request-context.ts';
import { interactiveFinopsUser } from '../../../local/simulators/row-api.ts';
import { type Random, seededRandom } from '../random.ts';
import type { WireSystems } from './wire-systems.ts';

type Body = Record<string, unknown>;

const ACCOUNTS = ['W1', 'W2', 'W3', 'W4', 'W5'];
const GROUPS = ['G1', 'G2'];
const COMPANY = 'usmf';
const CUSTOMER_TEXTS = {
  SalesMemo: 'description',
  OrganizationName: 'name',
  PrimaryContactPhone: 'telephone1',
} as const;
const CUSTOMER_COLUMNS = Object.keys(CUSTOMER_TEXTS);
const ACCOUNT_COLUMNS = Object.values(CUSTOMER_TEXTS);

/** People at work on both systems, through the systems' own interfaces; whatever these refuse has not happened. */
export class WirePeople {
  made = 0;
  readonly company = COMPANY;
  readonly accountNames = ACCOUNTS;
  readonly groupNames = GROUPS;
  /** Every text that was typed and taken, and whether somebody overwrote it knowingly since. */
  readonly typed = new Map<string, 'owed' | 'seen'>();
  private count = 0;
  private readonly systems: WireSystems;
  private readonly seed: number;
  private random: Random;

  constructor(seed: number, systems: WireSystems) {
    this.seed = seed;
    this.systems = systems;
    this.random = seededRandom(seed);
  }

  async makeOne(): Promise<void> {
    this.made += 1;
    this.random = seededRandom(this.seed * 1_000 + this.made);
    const onFinops = this.random.chance(0.5);
    const choice = this.random.next();
    if (choice < 0.12) await this.addGroup(onFinops);
    else if (choice < 0.32) await this.addCustomer(onFinops);
    else if (choice < 0.42) await this.remove(onFinops);
    else await this.edit(onFinops);
  }

  /** All texts that the rows of both sides show. */
  async shown(): Promise<Set<string>> {
    const rows = [...(await this.customers()), ...(await this.accounts()), ...(await this.groups())];
    return new Set(rows.flatMap((row) => Object.values(row)).filter((value) => typeof value === 'string'));
  }

  private async addGroup(onFinops: boolean): Promise<void> {
    const group = this.random.pick(GROUPS);
    const text = this.text();
    const done = onFinops
      ? await this.finops('POST', '/data/CustomerGroups', {
          dataAreaId: COMPANY,
          CustomerGroupId: group,
          Description: text,
        })
      : await this.dataverse('POST', 'msdyn_customergroups', {
          msdyn_groupid: group,
          msdyn_description: text,
          'msdyn_company@odata.bind': `/cdm_companies(${await this.companyId()})`,
        });
    if (done) this.typed.set(text, 'owed');
  }

  private async addCustomer(onFinops: boolean): Promise<void> {
    const account = this.random.pick(ACCOUNTS);
    const [name, memo] = [this.text(), this.text()];
    const group = this.random.chance(0.4) ? this.random.pick(GROUPS) : '10';
    const done = onFinops
      ? await this.finops('POST', '/data/CustomersV3', {
          dataAreaId: COMPANY,
          CustomerAccount: account,
          PartyType: 'Organization',
          OrganizationName: name,
          SalesMemo: memo,
          CustomerGroupId: group,
          SalesCurrencyCode: 'USD',
          LanguageId: 'en-us',
        })
      : await this.addAccount(account, name, memo, group);
    if (done) for (const text of [name, memo]) this.typed.set(text, 'owed');
  }

  private async addAccount(account: string, name: string, memo: string, group: string): Promise<boolean> {
    const company = await this.companyId();
    const [owner] = await this.rows(
      'msdyn_customergroups',
      `msdyn_groupid eq '${group}' and _msdyn_company_value eq ${company}`,
    );
    const [currency] = await this.rows('transactioncurrencies', "isocurrencycode eq 'USD'");
    const taken = (await this.accounts()).some((row) => row['accountnumber'] === account);
    if (owner === undefined || taken) return false;
    return this.dataverse('POST', 'accounts', {
      accountnumber: account,
      name,
      description: memo,
      customertypecode: 3,
      'msdyn_company@odata.bind': `/cdm_companies(${company})`,
      'msdyn_customergroupid@odata.bind': `/msdyn_customergroups(${owner['msdyn_customergroupid']})`,
      'transactioncurrencyid@odata.bind': `/transactioncurrencies(${currency?.['transactioncurrencyid']})`,
    });
  }

  private async edit(onFinops: boolean): Promise<void> {
    const rows = onFinops ? await this.customers() : await this.accounts();
    if (rows.length === 0) return this.addCustomer(onFinops);
    const row = this.random.pick(rows);
    const columns = onFinops ? CUSTOMER_COLUMNS : ACCOUNT_COLUMNS;
    const chosen = columns.filter(() => this.random.chance(0.5));
    const values = Object.fromEntries(
      (chosen.length > 0 ? chosen : columns.slice(0, 1)).map((column) => [column, this.text()]),
    );
    const done = onFinops
      ? await this.finops('PATCH', addressOf(row), values)
      : await this.dataverse('PATCH', `accounts(${row['accountid']})`, values);
    if (!done) return;
    for (const [column, text] of Object.entries(values)) {
      this.see(row[column]);
      this.typed.set(text, 'owed');
    }
  }

  private async remove(onFinops: boolean): Promise<void> {
    const rows = onFinops ? await this.customers() : await this.accounts();
    if (rows.length === 0) return;
    const row = this.random.pick(rows);
    const done = onFinops
      ? await this.finops('DELETE', addressOf(row))
      : await this.dataverse('DELETE', `accounts(${row['accountid']})`);
    if (done) for (const value of Object.values(row)) this.see(value);
  }

  private see(value: unknown): void {
    if (typeof value === 'string' && this.typed.has(value)) this.typed.set(value, 'seen');
  }

  private text(): string {
    this.count += 1;
    return `w${this.count}`;
  }

  private customers(): Promise<Body[]> {
    return this.finopsRows(`/data/CustomersV3?cross-company=true&$filter=dataAreaId eq '${COMPANY}'`);
  }

  private groups(): Promise<Body[]> {
    return this.finopsRows(`/data/CustomerGroups?cross-company=true&$filter=dataAreaId eq '${COMPANY}'`);
  }

  private accounts(): Promise<Body[]> {
    return this.rows('accounts', 'customertypecode eq 3');
  }

  private async companyId(): Promise<string> {
    const [company] = await this.rows('cdm_companies', `cdm_companycode eq '${COMPANY}'`);
    return String(company?.['cdm_companyid']);
  }

  private async rows(set: string, filter: string): Promise<Body[]> {
    const answer = await this.send('dataverse', 'GET', `/api/data/v9.2/${set}?$filter=${filter}`);
    return (JSON.parse(answer.text) as { value: Body[] }).value;
  }

  private async finopsRows(address: string): Promise<Body[]> {
    const answer = await this.send('finops', 'GET', address);
    return (JSON.parse(answer.text) as { value: Body[] }).value;
  }

  private async finops(method: string, address: string, body?: Body): Promise<boolean> {
    const joined = `${address}${address.includes('?') ? '&' : '?'}cross-company=true`;
    return (await this.send('finops', method, joined, body)).status < 300;
  }

  private async dataverse(method: string, address: string, body?: Body): Promise<boolean> {
    return (await this.send('dataverse', method, `/api/data/v9.2/${address}`, body)).status < 300;
  }

  private async send(
    side: 'finops' | 'dataverse',
    method: string,
    address: string,
    body?: Body,
  ): Promise<{ status: number; text: string }> {
    const [path = '', rawQuery = ''] = address.split('?');
    const headers: Record<string, string> = {
      host: 'wire.invalid',
      'content-type': 'application/json',
      'x-sim-user': side === 'finops' ? interactiveFinopsUser : interactiveUserId,
      ...(side === 'dataverse' && method === 'PATCH' ? { 'if-match': '*' } : {}),
    };
    const query = new URLSearchParams(rawQuery);
    const text = body === undefined ? '' : JSON.stringify(body);
    const request = { method, path, query, rawQuery: query.toString(), headers, body: Buffer.from(text) };
    const { status, body: answered } = await this.systems[side].handle(request);
    return { status, text: answered.toString() };
  }
}

function addressOf(row: Body): string {
  return `/data/CustomersV3(dataAreaId='${COMPANY}',CustomerAccount='${row['CustomerAccount']}')`;
}
