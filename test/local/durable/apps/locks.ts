import * as df from 'durable-functions';

/** Takes an amount from one account and gives it to another, as a critical section over both. */
df.app.orchestration('transfer', function* (context) {
  const { from, to, amount } = context.df.getInput() as { from: string; to: string; amount: number };
  const source = new df.EntityId('Counter', from);
  const target = new df.EntityId('Counter', to);
  const lock = (yield context.df.lock(source, target)) as df.DurableLock;
  try {
    const balance = (yield context.df.callEntity(source, 'get')) as number;
    // Whoever gets in between now would see the same balance.
    yield context.df.callActivity('greet', 'Genoa');
    if (balance < amount) return `only ${balance}`;
    yield context.df.callEntity(source, 'add', -amount);
    yield context.df.callEntity(target, 'add', amount);
    return `over ${lock.ownedLocks.length}`;
  } finally {
    lock.release();
  }
});

/** Ends with the lock still in its hands, one way or another. */
df.app.orchestration('keepsLock', function* (context) {
  yield context.df.lock(new df.EntityId('Counter', 'kept'));
  context.df.setCustomStatus('locked');
  if (context.df.getInput() === 'wait') yield context.df.waitForExternalEvent('never');
  throw new Error('with the lock in hand');
});
