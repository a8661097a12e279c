/** A refusal in the words of the AMQP error condition the Service Bus client understands. */
export interface BrokerFault {
  readonly condition: string;
  readonly description: string;
  /** Status of the answer when the refusal answers a management request. */
  readonly status: number;
}

export const messageLockLost = (): BrokerFault => ({
  condition: 'com.microsoft:message-lock-lost',
  description:
    'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
  status: 410,
});

export const sessionLockLost = (sessionId: string): BrokerFault => ({
  condition: 'com.microsoft:session-lock-lost',
  description: `The session lock has expired on session ${sessionId}. Accept the session again.`,
  status: 410,
});

export const sessionCannotBeLocked = (sessionId: string): BrokerFault => ({
  condition: 'com.microsoft:session-cannot-be-locked',
  description: `The requested session ${sessionId} cannot be accepted. It may be locked by another receiver.`,
  status: 410,
});

export const noSessionInTime = (): BrokerFault => ({
  condition: 'com.microsoft:timeout',
  description: 'No session with a message became available in the time the receiver was ready to wait.',
  status: 408,
});

export const entityNotFound = (address: string): BrokerFault => ({
  condition: 'amqp:not-found',
  description: `The messaging entity ${address} could not be found.`,
  status: 404,
});

export const messageNotFound = (): BrokerFault => ({
  condition: 'com.microsoft:message-not-found',
  description: 'No message with the given sequence number, or it is not in the state the operation needs.',
  status: 404,
});

export const notAllowed = (description: string): BrokerFault => ({
  condition: 'amqp:not-allowed',
  description,
  status: 400,
});

export const tooLarge = (limitBytes: number): BrokerFault => ({
  condition: 'amqp:link:message-size-exceeded',
  description: `The message is larger than the queue allows (${limitBytes} bytes).`,
  status: 403,
});

export const malformed = (description: string): BrokerFault => ({
  condition: 'amqp:decode-error',
  description,
  status: 400,
});

export const notImplemented = (operation: string): BrokerFault => ({
  condition: 'amqp:not-implemented',
  description: `The operation ${operation} is not supported.`,
  status: 501,
});
