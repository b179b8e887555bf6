import type { EmbeddedSDK, JSONObject } from "kuzzle";

import { Internal } from "./Internal";
import { WITHOUT_CONDITION } from "./StorageSeam";

/** The embedded SDK's `document.update`, on behalf of a user. */
export type UpdateAs = EmbeddedSDK["document"]["update"];

/** What the embedded SDK has in place of a network. */
interface EmbeddedProtocol {
  query(request: JSONObject): Promise<{ readonly result: unknown }>;
}

/** Kuzzle's identifier of a user who is not logged in. */
export const ANONYMOUS = "-1";

/** Users whose SDK is kept: to build one for each update shows in profiles. */
const MAX_USERS = 1_000;

/**
 * Impersonates users. The caller's rights are those that were checked before the first event, as
 * natively: the SDK checks none.
 *
 * A request of an impersonated user is handed to Kuzzle as it is. The SDK's own way is made for
 * clients: it copies request and options through JSON, makes an id that the options replace, and puts
 * itself into the `volatile` that subscribers are shown.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/core/shared/sdk/impersonatedSdk.ts
 */
export class Impersonation extends Internal {
  readonly name = "the embedded SDK's protocol";
  readonly cost = `updates take the embedded SDK's documented way and are stored one by one, subscribers find the SDK in their volatile, and ${WITHOUT_CONDITION}`;
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
    // Each time that it is read, it is built.
    const update = document.update.bind(document);
    if (this.#kept.size >= MAX_USERS) {
      this.#kept.delete(this.#kept.keys().next().value!);
    }
    this.#kept.set(kuid, update);

    return update;
  }

  /** Has Kuzzle run a request as it is. */
  query(request: JSONObject): ReturnType<EmbeddedSDK["query"]> {
    const { protocol } = this.#sdk as unknown as { protocol: EmbeddedProtocol };

    return protocol.query(request) as ReturnType<EmbeddedSDK["query"]>;
  }

  protected async check(): Promise<boolean> {
    const { result } = await this.query({
      __kuid__: ANONYMOUS,
      action: "now",
      controller: "server",
    });

    return typeof (result as { now?: unknown }).now === "number";
  }
}
