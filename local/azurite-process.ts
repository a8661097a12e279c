// Runs Azurite's table service and ends it when the process that started it is gone, however it went.
process.once('disconnect', () => process.kill(process.pid, 'SIGINT'));

// Once it has written its file it may stay for ever, held by handles of its own; there is nothing left to wait for.
const print = console.log;
console.log = (...values: unknown[]): void => {
  print(...values);
  if (String(values[0]).includes('successfully closed')) process.exit();
};

await import('azurite/dist/src/table/main.js' as string);
