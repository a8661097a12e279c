import * as df from 'durable-functions';

df.app.orchestration('unknownActivity', function* (context) {
  try {
    yield context.df.callActivity('isNotThere');
  } catch {
    return 'caught';
  }
  return 'never';
});

df.app.orchestration('fails', function* (context) {
  yield context.df.callActivity('greet', 'Kyiv');
  throw new Error('gave up');
});

df.app.orchestration('flakyOnce', function* (context) {
  const good = context.df.callActivity('slow', 1);
  const bad = context.df.callActivity('flaky', { key: context.df.instanceId, until: 2 });
  const both = (yield context.df.Task.all([good, bad])) as unknown[];
  return [both[0], yield context.df.callActivity('greet', 'Lodz')];
});

df.app.orchestration('random', function* (context) {
  yield context.df.callActivity('echo', Math.random());
  return 'never';
});

let changing = 0;
df.app.orchestration('changing', function* (context) {
  // Equal within one turn, different between turns.
  yield context.df.callActivity('echo', Math.floor(changing++ / 2));
  return 'never';
});

df.app.orchestration('reuse', function* (context) {
  const a = context.df.callActivity('slow', 30);
  yield context.df.Task.any([a, context.df.callActivity('slow', 1)]);
  yield context.df.Task.any([a, context.df.callActivity('slow', 1)]);
  return 'done';
});
