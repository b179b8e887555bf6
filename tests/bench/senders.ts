import {
  type BaseRequest,
  type JSONObject,
  Kuzzle,
  WebSocket,
} from "kuzzle-sdk";

import { pathOf } from "../support/HttpClient";
import { type ApiAnswer, type ApiRequest, toPayload } from "../support/request";
import type { Sender } from "../support/UpdateLedger";
import { BulkSender } from "./BulkSender";
import { KeptAliveHttp } from "./KeptAliveHttp";
import { PipelinedSocket } from "../support/PipelinedSocket";
import type { Contender, Scenario } from "./Scenario";
import type { Site } from "./Stack";

/** A connection that updates are sent over, for the caller to close. */
export interface Connection extends Sender {
  close(): void | Promise<void>;
}

/** Opens the connections of a contender under a scenario. */
export async function connect(
  { past }: Contender,
  { clients, inFlight, protocol }: Scenario,
  { documents, port }: Site,
): Promise<Connection[]> {
  if (past === "elasticsearch _bulk") {
    return [new BulkSender(documents.url)];
  }
  if (past === "elasticsearch _update") {
    return [toElasticsearch(documents.url, inFlight)];
  }
  if (protocol === "http") {
    return [overHttp(port, inFlight)];
  }
  const open =
    protocol === "kuzzle-sdk"
      ? overSdk
      : (port: number) => PipelinedSocket.connect(port);

  return Promise.all(Array.from({ length: clients }, () => open(port)));
}

/** Each client is one of its own: it puts its `sdkInstanceId` into the `volatile` of its requests. */
async function overSdk(port: number): Promise<Connection> {
  const kuzzle = new Kuzzle(
    new WebSocket("127.0.0.1", { autoReconnect: false, port }),
  );
  await kuzzle.connect();

  return {
    close: () => kuzzle.disconnect(),
    send: async (request) => {
      try {
        const { result } = await kuzzle.query(
          toPayload(request) as BaseRequest,
        );
        return { body: { error: null, result } };
      } catch (error) {
        const { id, status } = error as { id?: string; status?: number };
        if (status === undefined) {
          throw error;
        }
        return { body: { error: { id, status } } };
      }
    },
  };
}

function overHttp(port: number, connections: number): Connection {
  const http = new KeptAliveHttp(`http://127.0.0.1:${port}`, connections);

  return {
    close: () => http.close(),
    send: async (request) => {
      const { text } = await http.send(
        "PATCH",
        pathOf(request),
        JSON.stringify(request.body),
        typeof request.jwt === "string"
          ? { authorization: `Bearer ${request.jwt}` }
          : {},
      );
      return { body: JSON.parse(text) as JSONObject };
    },
  };
}

function toElasticsearch(url: string, connections: number): Connection {
  const http = new KeptAliveHttp(url, connections);
  const { pathname } = new URL(url);

  return {
    close: () => http.close(),
    send: async ({ _id, body }: ApiRequest): Promise<ApiAnswer> => {
      const { status } = await http.send(
        "POST",
        `${pathname}/_update/${String(_id)}`,
        JSON.stringify({ doc: body }),
      );
      return { body: { error: status === 200 ? null : { status } } };
    },
  };
}
