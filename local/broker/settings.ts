import { z } from 'zod';

const seconds = z.number().positive();

/** Longest times and sizes follow "Service Bus quotas" and the queue properties of the resource provider. */
const queueSettings = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, 'letters, digits, and . _ / - are allowed'),
  lockDurationSeconds: seconds.max(300).default(60),
  maxDeliveryCount: z.int().min(1).max(2000).default(10),
  requiresDuplicateDetection: z.boolean().default(false),
  duplicateDetectionWindowSeconds: seconds.max(604_800).default(600),
  requiresSession: z.boolean().default(false),
  defaultTimeToLiveSeconds: seconds.optional(),
  deadLetteringOnExpiration: z.boolean().default(false),
  maxMessageSizeKilobytes: z.int().min(1).max(102_400).default(1024),
});

/** The settings of one queue; names and meaning as in the Service Bus resource provider, times in seconds. */
export type QueueSettings = z.output<typeof queueSettings>;

const fileSchema = z
  .strictObject({
    $comment: z.string().optional(),
    queues: z.array(queueSettings).min(1),
    directQueues: z.array(queueSettings).optional(),
  })
  .refine((file) => new Set(file.queues.map((queue) => queue.name.toLowerCase())).size === file.queues.length, {
    error: 'two queues have the same name (case does not count)',
  });

/** Checks the content of `infra/queues.json`. Throws ZodError that names each wrong setting. */
export function readQueueSettings(file: unknown): QueueSettings[] {
  return fileSchema.parse(file).queues;
}
