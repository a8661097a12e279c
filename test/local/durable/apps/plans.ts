import * as df from 'durable-functions';

/** Calls of `planned` by key: it fails until the wanted attempt. */
const attempts = new Map<string, number>();

/** A tree of things to wait for; every leaf gives its own key, so that swapped results show. */
type Plan =
  | { all: Plan[] }
  | { any: Plan[] }
  | { leaf: 'plain' | 'retried' | 'child' | 'timer'; key: string; until: number; delayMs: number };

df.app.activity('planned', {
  handler: async ({ key, until, delayMs }: { key: string; until: number; delayMs: number }) => {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    if (attempt < until) {
      throw new Error(`${key} failed`);
    }
    return key;
  },
});

df.app.orchestration('plannedChild', function* (context) {
  return yield context.df.callActivity('planned', context.df.getInput());
});

df.app.orchestration('plan', function* (context) {
  const tasksOf = (plan: Plan): df.Task => {
    if ('leaf' in plan) {
      const options = new df.RetryOptions(2, 4);
      switch (plan.leaf) {
        case 'plain':
          return context.df.callActivity('planned', { ...plan, until: 0 });
        case 'retried':
          return context.df.callActivityWithRetry('planned', options, plan);
        case 'child':
          return context.df.callSubOrchestratorWithRetry('plannedChild', options, plan);
        case 'timer':
          return context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + plan.delayMs));
      }
    }
    return 'all' in plan ? context.df.Task.all(plan.all.map(tasksOf)) : context.df.Task.any(plan.any.map(tasksOf));
  };
  const results: unknown[] = [];
  for (const plan of context.df.getInput() as Plan[]) {
    try {
      const result: unknown = yield tasksOf(plan);
      results.push('any' in plan ? 'any' : result);
    } catch {
      results.push('failed');
    }
  }
  return results;
});
