import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { countOutgoingRequests } from '../../../local/host/outgoing-requests.ts';

test('requests are counted by host and port, until counting is stopped', async () => {
  const server = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const get = () =>
    new Promise<void>((resolve, reject) => {
      request(`http://${place}/`, (response) => response.resume().on('end', resolve))
        .on('error', reject)
        .end();
    });
  const requests = countOutgoingRequests();
  await get();
  await get();
  requests.stop();
  await get();
  expect(requests.counts()[place]).toBe(2);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
