import type { EmbeddedSDK, JSONObject } from "kuzzle";

import { Internal } from "./Internal";
import { WITHOUT_CONDITION } from "./StorageSeam";

/** The embedded SDK's `document.update`, on behalf of a user. */
export type UpdateAs = EmbeddedSDK["document"]["update"];

/** The part of the embedded SDK that passes requests to Kuzzle, in place of a network protocol. */
interface EmbeddedProtocol {
  readonly id: string;
  query(request: JSONObject): Promise<{ readonly result: unknown }>;
}

/** Name of that protocol, by which requests of server code are recognized. */
export const EMBEDDED_PROTOCOL = "funnel";

/** Kuzzle's identifier of a user who is not logged in. */
export const ANONYMOUS = "-1";

/** Size of the cache of impersonated SDKs: building one for each update shows in CPU profiles. */
const MAX_USERS = 1_000;

/**
 * Runs updates on behalf of a user. As natively, the caller's rights were checked before the first
 * event, and the SDK does not check them again.
 *
 * A request of an impersonated user is passed to Kuzzle directly. The SDK's own `query` is made for
 * clients: it copies request and options through JSON, makes an id that the options replace, and adds
 * its own data to the `volatile` that subscribers see.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/core/shared/sdk/impersonatedSdk.ts
 */
export class Impersonation extends Internal {
  readonly name = "the embedded SDK's protocol";
  readonly cost = `updates take the embedded SDK's documented way and are stored one by one, none is folded, subscribers find the SDK in their volatile, and ${WITHOUT_CONDITION}`;
  readonly #kept = new Map<string, UpdateAs>();
  readonly #sdk: EmbeddedSDK;

  constructor(sdk: EmbeddedSDK) {
    super();
    this.#sdk = sdk;
  }

  updateAs(kuid: string): UpdateAs {
    const kept = this.#kept.get(kuid);
    if (kept !== undefined) {
      return kept;
    }

    const impersonating = this.#sdk.as({ _id: kuid }, { checkRights: false });
    if (!this.isTrusted) {
      return impersonating.document.update.bind(impersonating.document);
    }
    impersonating.query = (request, options) =>
      this.query({ ...request, ...options, __kuid__: kuid });
    const { document } = impersonating;
    // The getter `document` builds a new controller each time.
    const update = document.update.bind(document);
    if (this.#kept.size >= MAX_USERS) {
      this.#kept.delete(this.#kept.keys().next().value!);
    }
    this.#kept.set(kuid, update);

    return update;
  }

  /** Passes a request to Kuzzle directly. */
  query(request: JSONObject): ReturnType<EmbeddedSDK["query"]> {
    return this.#protocol.query(request) as ReturnType<EmbeddedSDK["query"]>;
  }

  get #protocol(): EmbeddedProtocol {
    const { protocol } = this.#sdk as unknown as { protocol: EmbeddedProtocol };

    return protocol;
  }

  protected async check(): Promise<boolean> {
    const { result } = await this.query({
      __kuid__: ANONYMOUS,
      action: "now",
      controller: "server",
    });

    return (
      this.#protocol.id === EMBEDDED_PROTOCOL &&
      typeof (result as { now?: unknown }).now === "number"
    );
  }
}
