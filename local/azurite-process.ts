// Runs Azurite's table service and ends it when the process that started it is gone, however it went.
process.once('disconnect', () => process.kill(process.pid, 'SIGINT'));

await import('azurite/dist/src/table/main.js' as string);
