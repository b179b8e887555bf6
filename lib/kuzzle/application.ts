import {
  type EmbeddedSDK,
  type JSONObject,
  KuzzleRequest,
  type PluginContext,
} from "kuzzle";

/** Who makes a request, and by which connection. */
export type RequestContext = KuzzleRequest["context"];

/** Name of the embedded SDK's protocol. Clients have another one, whatever they send. */
const EMBEDDED_PROTOCOL = "funnel";

/** Kuzzle's identifier of a user who is not logged in. */
export const ANONYMOUS = "-1";

/** Tells whether a request was made by server code, with the embedded SDK. */
export function isOfServerCode({ connection }: RequestContext): boolean {
  return connection.protocol === EMBEDDED_PROTOCOL;
}

/** Returns the identifier of the user who makes a request; null if the application itself does. */
export function kuidOf({ user }: RequestContext): string | null {
  return user?._id ?? null;
}

/** A `document:update` by which the plugin stores an update of its own actions. */
export class DelegatedRequest extends KuzzleRequest {}

/** The embedded SDK's `document` controller, as far as the plugin stores by it. */
type DocumentController = Pick<EmbeddedSDK["document"], "create" | "update">;

/** The part of Kuzzle that runs requests of the embedded SDK. */
interface Funnel {
  executePluginRequest(request: KuzzleRequest): Promise<unknown>;
}

/**
 * Makes a request of server code, as the embedded SDK does.
 *
 * @param kuid of the user on whose behalf it is made; without one, it is the application's own
 * @throws services.storage.not_found if there is no such user
 */
export async function requestOfServerCode(
  input: JSONObject,
  kuid?: string,
): Promise<KuzzleRequest> {
  const user =
    kuid === undefined
      ? null
      : await global.kuzzle.ask("core:security:user:get", kuid);

  return new KuzzleRequest(input, {
    connection: { id: EMBEDDED_PROTOCOL, protocol: EMBEDDED_PROTOCOL },
    user,
  });
}

/**
 * Returns the embedded SDK's `document` controller, whose requests are made with the caller's own
 * context: user, token and connection.
 *
 * The SDK's own transport would read the user again from Redis for each update, copy the request
 * through JSON, and tell subscribers of its own protocol. Here the request that the SDK makes is handed
 * to Kuzzle as that transport does it, but with the context that Kuzzle has already made for the caller.
 * As natively, rights are checked before the first event, and not again.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/core/shared/sdk/funnelProtocol.ts `query`
 */
export function documentOf(
  sdk: Pick<EmbeddedSDK, "document">,
  context: RequestContext,
): DocumentController {
  const document = Object.create(sdk.document) as EmbeddedSDK["document"];
  Object.defineProperty(document, "query", {
    value: async (request: JSONObject, options: JSONObject) => ({
      result: await execute({ ...request, ...options }, context),
    }),
  });

  return document;
}

/** Runs a `document` request as one of the embedded SDK: without API events and without a check of rights. */
export function execute(
  request: JSONObject,
  context?: RequestContext,
): Promise<unknown> {
  const { funnel } = global.kuzzle as unknown as { readonly funnel: Funnel };

  return funnel.executePluginRequest(
    new DelegatedRequest(
      { ...request, controller: "document" },
      context?.toJSON() ?? {},
    ),
  );
}

// By the global application: a plugin's own context only fires events that are named after the plugin.

/** Fires a Kuzzle event, and returns the payload as the pipes left it. */
export function trigger<TPayload>(
  event: string,
  payload: TPayload,
  ...rest: unknown[]
): Promise<TPayload> {
  return global.app.trigger(event, payload, ...rest);
}

/** Returns the identifier of this node. In Kuzzle 2.47 and 2.48 the plugin's accessors lack it. */
export function nodeIdOf({ accessors }: PluginContext): string {
  const { nodeId } = globalThis as unknown as { readonly nodeId: string };

  return accessors.nodeId || nodeId;
}

/** Returns Kuzzle's limit of documents in one write request. */
export function writeLimitOf({ config }: PluginContext): number {
  const { documentsWriteCount } = config["limits"] as {
    readonly documentsWriteCount: number;
  };

  return documentsWriteCount;
}

/** Returns the names of the plugins that the application uses; with a property, of those that have it. */
export function pluginNames(property?: symbol): string[] {
  const { plugin } = global.app;

  return plugin
    .list()
    .filter((name) => property === undefined || property in plugin.get(name));
}
