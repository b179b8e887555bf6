/** Limits of the queue of a document, from the configuration. */
export interface QueueLimits {
  /** Longest wait, in ms. */
  readonly maxWait: number;
  /** Longest queue, in updates, on this node. */
  readonly maxPending: number;
}
