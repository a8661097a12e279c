import { beforeEach } from 'vitest';
import type { DataverseSwitches } from '../../../../local/simulators/dataverse/switches.ts';
import { type SampleEnvironment, sampleEnvironment } from './sample-environment.ts';

/** One post that the subscriber received. */
export interface Post {
  url: string;
  headers: Record<string, string>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes.
  body: any;
}

/** Namespace of the data contracts. */
export const NS = 'http://schemas.microsoft.com/xrm/2011/Contracts';

/** What was posted in the running test, oldest first. */
export const posts: Post[] = [];

const answers: (number | Error)[] = [];

/** The next answers of the subscriber; 202 after them. */
export function answerWith(...next: (number | Error)[]): void {
  answers.splice(0, answers.length, ...next);
}

/** The sample environment with a subscriber, without any registered step. */
export function environmentWith(switches: Partial<DataverseSwitches> = {}): SampleEnvironment {
  return sampleEnvironment(switches, (url, headers, text) => {
    posts.push({ url, headers, text, body: JSON.parse(text) });
    const answer = answers.shift() ?? 202;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
}

/** The sample environment with the steps of the embedded stack. */
export function registered(switches: Partial<DataverseSwitches> = {}): SampleEnvironment {
  const environment = environmentWith(switches);
  environment.simulator.registerWebhook({ url: 'http://app.test/in', headerName: 'x-twinwrite-key', key: 'a"<&' });
  return environment;
}

/** The attributes of an entity as an object. */
export function attributes(entity: { Attributes: { key: string; value: unknown }[] }): Record<string, unknown> {
  return Object.fromEntries(entity.Attributes.map(({ key, value }) => [key, value]));
}

/** Clears posts and answers before each test of the file. */
export function forgetPosts(): void {
  beforeEach(() => {
    posts.length = 0;
    answers.length = 0;
  });
}
