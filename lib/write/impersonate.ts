import type { EmbeddedSDK } from "kuzzle";

/** The functions of the embedded SDK that store updates, on behalf of a user. */
export type Impersonated = Pick<EmbeddedSDK["document"], "mUpdate" | "update">;

/** What the embedded SDK has in place of a network. */
interface EmbeddedProtocol {
  query(request: object): ReturnType<EmbeddedSDK["query"]>;
}

/** Users whose SDK is kept: to build one for each update shows in profiles. */
const MAX_USERS = 1_000;

/**
 * Makes a function that impersonates a user. The caller's rights are those that were checked before
 * the first event, as natively: the SDK checks none.
 */
export function impersonate(sdk: EmbeddedSDK): (kuid: string) => Impersonated {
  const kept = new Map<string, Impersonated>();

  return (kuid) => {
    let impersonated = kept.get(kuid);
    if (impersonated === undefined) {
      const impersonating = sdk.as({ _id: kuid }, { checkRights: false });
      queryAtOnce(impersonating, sdk, kuid);
      const { document } = impersonating;
      // Each time that one of them is read, it is built.
      impersonated = {
        mUpdate: document.mUpdate.bind(document),
        update: document.update.bind(document),
      };
      if (kept.size >= MAX_USERS) {
        kept.delete(kept.keys().next().value!);
      }
      kept.set(kuid, impersonated);
    }

    return impersonated;
  };
}

/**
 * Has the SDK of a user hand a request to Kuzzle as it is.
 *
 * Its own way is made for clients: it copies request and options through JSON, makes an id that the
 * options replace, and puts itself into the `volatile` that subscribers are shown.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/core/shared/sdk/impersonatedSdk.ts
 */
function queryAtOnce(
  impersonating: EmbeddedSDK,
  sdk: EmbeddedSDK,
  kuid: string,
) {
  const { protocol } = sdk as { protocol: EmbeddedProtocol };

  impersonating.query = (request, options) =>
    protocol.query({ ...request, ...options, __kuid__: kuid });
}
