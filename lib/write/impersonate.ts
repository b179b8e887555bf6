import type { EmbeddedSDK } from "kuzzle";

/** The functions of the embedded SDK that store updates, on behalf of a user. */
export type Impersonated = Pick<EmbeddedSDK["document"], "mUpdate" | "update">;

/** Users whose SDK is kept: to build one takes longer than to copy a request. */
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
      queryAtOnce(impersonating);
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
 * Has the SDK of a user take options for a part of the request, which it makes of them anyway: it
 * copies both through JSON, and gives a request an id before it finds that among the options.
 */
function queryAtOnce(impersonating: EmbeddedSDK): void {
  const query = impersonating.query.bind(impersonating);
  impersonating.query = (request, options) => query({ ...request, ...options });
}
