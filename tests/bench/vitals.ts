import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** What the bench asks of an application: how it does, or to switch its pipes. */
export interface Question {
  /** Collect the heap fully first. */
  readonly collect?: boolean;
  /** Have pipes on the events of an update from here on, or none. */
  readonly pipes?: boolean;
}

/** How an application does. */
export interface Vitals {
  /** µs that its process has used so far, user and system */
  readonly cpu: number;
  /** bytes */
  readonly heapUsed: number;
}

/** Asks an application, one question at a time. */
export async function ask(
  application: ChildProcess,
  question: Question = {},
): Promise<Vitals> {
  const answered = once(application, "message", {
    signal: AbortSignal.timeout(60_000),
  });
  application.send(question);
  const [vitals] = (await answered) as [Vitals];

  return vitals;
}
