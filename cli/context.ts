import type { Api } from './api.ts';

/** What commands share: the deployment they steer, and how they show what they learn. */
export interface Context {
  api(): Api;
  /** Data for scripts with `--json`, else the text. */
  print(data: unknown, text: () => string): void;
}
