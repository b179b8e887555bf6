import type { JSONObject, KuzzleRequest } from "kuzzle";

import { aPlugin } from "./aPlugin";
import type { Sent } from "./fakeElasticsearch";
import { aRequest } from "./fakeKuzzle";

interface Given {
  readonly config?: JSONObject;
  readonly guards?: JSONObject;
  /** Whether anything listens to the API events. */
  readonly isHeard?: boolean;
  readonly pipes?: Parameters<typeof aPlugin>[2];
  /** Collections in which an update that would change nothing is not written. */
  readonly skips?: readonly string[];
  readonly source?: JSONObject;
}

/**
 * The plugin's actions, and the document "liia" at version 3: with real requests above, documents in
 * memory beneath, and nothing but Kuzzle's own code and the plugin's between.
 */
export async function aTaxi({
  config = {},
  guards = {},
  isHeard = true,
  pipes = {},
  skips = [],
  source = { seats: 4 },
}: Given = {}) {
  const plugin = await aPlugin(
    { guards, skipUnchanged: skips, ...config },
    "7",
    pipes,
  );
  const { kuzzle } = plugin;
  const { elasticsearch } = kuzzle;
  // The settings and mappings of the collection are known after the first updates.
  elasticsearch.store("first");
  await Promise.all(
    [1, 2, 3].map((first) =>
      plugin.update(aRequest({ _id: "first", body: { first } })),
    ),
  );
  elasticsearch.sent.length = 0;
  kuzzle.fired.length = 0;
  if (isHeard) {
    kuzzle.hooks.add("document:beforeUpdate");
  }
  elasticsearch.store("liia", source, 3);
  const storage = new Storage(elasticsearch);
  const through =
    (handler: (request: KuzzleRequest) => Promise<unknown>) =>
    async (request: KuzzleRequest) => {
      const result = (await handler(request)) as JSONObject;
      return { request, result: withoutTime(result) };
    };
  const update = through(plugin.update);
  const modify = through(plugin.modify);
  const native = through(plugin.native);

  return {
    ...plugin,
    /** @returns the request, too, for what it says of its answer */
    modify: (body: unknown, data: JSONObject = {}, context: JSONObject = {}) =>
      modify(aRequest({ action: "modify", body, ...data }, context)),
    /** A native update; see {@link aPlugin}. */
    native: (data: JSONObject = {}, context: JSONObject = {}) =>
      native(aRequest({ controller: "document", ...data }, context)),
    storage,
    update: (data: JSONObject = {}, context: JSONObject = {}) =>
      update(aRequest(data, context)),
  };
}

type Elasticsearch = Awaited<
  ReturnType<typeof aPlugin>
>["kuzzle"]["elasticsearch"];

/** What storage has of "liia", and what it was asked for. */
class Storage {
  /** Runs before a write reaches the documents; what it throws is a lost connection. */
  before: () => unknown = () => {};

  constructor(readonly elasticsearch: Elasticsearch) {
    elasticsearch.respond = async (sent) => {
      if (isWrite(sent)) {
        await this.before();
      }
      return undefined;
    };
  }

  get document() {
    const { source, version } = this.elasticsearch.stored.get("liia")!;
    return { source: withoutTime({ _source: source })["_source"], version };
  }

  /** How often documents were read. */
  get reads(): number {
    return this.elasticsearch.sent.filter(
      ({ method, path }) =>
        path.endsWith("/_mget") ||
        (method === "GET" && !path.endsWith("/_settings")),
    ).length;
  }

  /** Requests by which something may be stored, also those that were refused. */
  get sent(): readonly Sent[] {
    return this.elasticsearch.sent.filter(isWrite);
  }

  /** Writes it as somebody else does. */
  write(changes: JSONObject): void {
    const { source, version } = this.elasticsearch.stored.get("liia")!;
    this.elasticsearch.store("liia", { ...source, ...changes }, version + 1);
  }
}

function isWrite({ method, path }: Sent): boolean {
  return method !== "GET" && !path.endsWith("/_mget");
}

/** A copy of an answer, without the only thing in it that no test can foresee. */
function withoutTime(answer: JSONObject): JSONObject {
  const _source = (answer as JSONObject | null)?.["_source"];
  if (_source?._kuzzle_info === undefined) {
    return answer;
  }
  const _kuzzle_info = { ..._source._kuzzle_info };
  delete _kuzzle_info.updatedAt;

  return { ...answer, _source: { ..._source, _kuzzle_info } };
}
