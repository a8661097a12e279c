import { createServer } from 'node:net';

/** The ports of the embedded stack, all on the loopback. */
export interface Ports {
  app: number;
  simulators: number;
  broker: number;
  tables: number;
}

export const USUAL_PORTS: Ports = { app: 7071, simulators: 7080, broker: 5672, tables: 10002 };

/** Four ports that nobody uses at the moment. */
export async function freePorts(): Promise<Ports> {
  const [app, simulators, broker, tables] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  return { app, simulators, broker, tables };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** A port of the stack is taken: the message names it and says how to choose another. */
export class PortTakenError extends Error {}

/** @throws PortTakenError for the first port that another process holds. */
export async function assertFree(ports: Ports): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    if (await isFree(port)) continue;
    const message = `Port ${port} (${name}) is taken. Is another instance running? Choose another with --${name}-port.`;
    throw new PortTakenError(message);
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
