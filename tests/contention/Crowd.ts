import { randomUUID } from "node:crypto";

import type { JSONObject } from "kuzzle-sdk";

import type { PipelinedSocket } from "../support/PipelinedSocket";
import type { ApiRequest } from "../support/request";
import { withDeadline } from "../support/WebSocketClient";

/** An update that a client sent, and what came of it. */
export interface SentUpdate {
  readonly _id: string;
  /** The field that it wrote: that of its client. */
  readonly field: string;
  readonly value: number;
  readonly request: ApiRequest;
  readonly answer: JSONObject;
  /** How long it took. */
  readonly ms: number;
}

/** What is asked of a crowd. */
export interface Task {
  /** Updates, in all. */
  readonly updates: number;
  /** First part of the ids of requests. */
  readonly name?: string;
  /**
   * Returns an update without its body.
   *
   * @param client number of the client that sends it, from 0
   * @param value what it writes, which grows from 1 on
   */
  readonly request: (
    client: number,
    value: number,
  ) => ApiRequest & { readonly _id: string };
}

/** Clients that send updates at once, each one after another, and each to a field of its own. */
export class Crowd {
  readonly #sockets: readonly PipelinedSocket[];

  private constructor(sockets: readonly PipelinedSocket[]) {
    this.#sockets = sockets;
  }

  /** @param connect opens the connection of each client, by its number */
  static async gather(
    clients: number,
    connect: (client: number) => Promise<PipelinedSocket>,
  ): Promise<Crowd> {
    const all = Array.from({ length: clients }, (_, n) => connect(n));

    return new Crowd(await Promise.all(all));
  }

  /** Returns the updates in the order in which they were answered. */
  async send(task: Task): Promise<readonly SentUpdate[]> {
    const { name = randomUUID(), request, updates } = task;
    const sent: SentUpdate[] = [];
    let left = updates;

    const client = async (socket: PipelinedSocket, number: number) => {
      const field = fieldOf(number);
      for (let value = 1; left > 0; value++) {
        left--;
        const update = {
          action: "update",
          body: { [field]: value },
          controller: "document-update",
          requestId: requestIdOf(name, number, value),
          ...request(number, value),
        };
        const { _id } = update;
        const start = performance.now();
        const { body: answer } = await withDeadline(socket.send(update));
        const ms = performance.now() - start;
        sent.push({ _id, answer, field, ms, request: update, value });
      }
    };
    await Promise.all(this.#sockets.map(client));

    return sent;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.close()));
  }
}

export function fieldOf(client: number): string {
  return `client-${client}`;
}

export function requestIdOf(
  name: string,
  client: number,
  value: number,
): string {
  return `${name}-${client}-${value}`;
}

/** The status and the id of each error that clients were answered. */
export function errorsOf(sent: readonly SentUpdate[]): readonly string[] {
  return sent
    .map(({ answer }) => answer["error"])
    .filter((error) => error !== null)
    .map(({ id, status }) => `${status} ${id}`);
}

/** What is to be found in the documents: the last that each client wrote to each of them. */
export function lastValues(
  sent: readonly SentUpdate[],
): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const documents: Record<string, Record<string, number>> = {};
  for (const { _id, answer, field, value } of sent) {
    if (answer["error"] === null) {
      (documents[_id] ??= {})[field] = value;
    }
  }

  return documents;
}

/** The versions that updates were answered, without repetition. */
export function versionsOf(sent: readonly SentUpdate[]): ReadonlySet<number> {
  return new Set(sent.map(({ answer }) => answer["result"]?._version));
}
