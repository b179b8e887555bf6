import type { JSONObject } from "kuzzle-sdk";

/** A collection that documents are updated in. */
export interface Target {
  readonly index: string;
  readonly collection: string;
}

/** An API request as a client writes it, whatever the protocol. */
export interface ApiRequest {
  readonly controller?: unknown;
  readonly action?: unknown;
  readonly index?: unknown;
  readonly collection?: unknown;
  readonly _id?: unknown;
  readonly body?: unknown;
  readonly jwt?: unknown;
  readonly volatile?: unknown;
  readonly requestId?: unknown;
  /** Every other argument. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** What HTTP alone can carry. */
  readonly http?: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** Sent as it is, in place of `body`. */
    readonly rawBody?: string;
  };
}

/** An answer as the client of one protocol sees it. */
export interface ApiAnswer {
  readonly body: JSONObject;
  /** Of HTTP alone. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** A client of one protocol: one request at a time. */
export interface ApiClient {
  readonly protocol: Protocol;
  send(request: ApiRequest): Promise<ApiAnswer>;
  close(): Promise<void>;
}

export const protocols = ["http", "websocket", "mqtt"] as const;

export type Protocol = (typeof protocols)[number];

/** Longest wait for an answer or a notification, in ms. */
export const DEADLINE_MS = 20_000;

/** The request as WebSocket and MQTT carry it. */
export function toPayload({ args, ...rest }: ApiRequest): JSONObject {
  const payload: JSONObject = { ...args, ...rest };
  delete payload["http"];

  return payload;
}
