import type { ApiAnswer, ApiClient, ApiRequest } from "./request";
import { DEADLINE_MS } from "./request";

/**
 * Speaks HTTP. The path follows from the controller: that of the native API, or the plugin's, which
 * is the same under another base.
 */
export class HttpClient implements ApiClient {
  readonly protocol = "http";
  readonly #base: string;
  readonly #deadline: number;

  /** @param deadline longest wait for an answer, in ms */
  constructor(port: number, deadline = DEADLINE_MS) {
    this.#base = `http://127.0.0.1:${port}`;
    this.#deadline = deadline;
  }

  async send(request: ApiRequest): Promise<ApiAnswer> {
    const { body, http = {}, jwt, requestId, volatile } = request;
    const response = await fetch(this.#base + pathOf(request), {
      body: http.rawBody ?? (body === undefined ? null : JSON.stringify(body)),
      headers: {
        // Compressed, two answers of one length would have two.
        "accept-encoding": "identity",
        "content-type": "application/json",
        ...(typeof jwt === "string" && {
          authorization: `Bearer ${inAscii(jwt)}`,
        }),
        ...(typeof requestId === "string" && {
          "x-kuzzle-request-id": requestId,
        }),
        ...(volatile !== undefined && {
          "x-kuzzle-volatile": inAscii(String(JSON.stringify(volatile))),
        }),
        ...http.headers,
      },
      method: http.method ?? METHODS[actionOf(request)],
      signal: AbortSignal.timeout(this.#deadline),
    });
    const text = await response.text();

    return {
      body: parse(text),
      headers: headersOf(response, text),
      status: response.status,
    };
  }

  async close(): Promise<void> {
    // Each request is a connection of its own.
  }
}

/** Text for a header, which takes nothing beyond ASCII; in JSON, it means the same. */
function inAscii(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/g,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The headers, in which the value of content-length is replaced by whether it is right. */
function headersOf(
  { headers }: Response,
  text: string,
): Record<string, string> {
  const all = Object.fromEntries(headers);
  if (all["content-length"] === String(Buffer.byteLength(text))) {
    all["content-length"] = "that of the body";
  }
  return all;
}

/** The method of each action that has a route of its own. */
const METHODS = { modify: "POST", update: "PATCH" } as const;

function actionOf({ action }: ApiRequest): keyof typeof METHODS {
  return action === "modify" ? action : "update";
}

/** The path of the update, or the modification, that a request describes. */
export function pathOf(request: ApiRequest): string {
  const { _id, args = {}, collection, controller, index } = request;
  const base = controller === "document" ? "" : `/_/${inUrl(controller)}`;
  const segments = [index, collection, _id].map(inUrl);
  const query = Object.entries(args).map(([name, value]) =>
    value === true ? inUrl(name) : `${inUrl(name)}=${inUrl(value)}`,
  );

  return `${base}/${segments.join("/")}/_${actionOf(request)}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

/**
 * A value as text of a URL: what is no text in JSON, since `String({ toString: 1 })` throws, and half
 * a surrogate pair as U+FFFD, since UTF-8 has none.
 */
function inUrl(value: unknown): string {
  const text =
    typeof value === "string" ? value : String(JSON.stringify(value));

  return encodeURIComponent(Buffer.from(text).toString());
}

function parse(text: string): ApiAnswer["body"] {
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}
