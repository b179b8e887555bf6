import type { JSONObject } from "kuzzle-sdk";

import { pathOf } from "../support/HttpClient";
import type { ApiAnswer, ApiRequest } from "../support/request";
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

  return Promise.all(
    Array.from({ length: clients }, () => PipelinedSocket.connect(port)),
  );
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
