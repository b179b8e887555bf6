import type { KuzzleRequest } from "kuzzle";

import { ANONYMOUS, type Impersonation } from "./Impersonation";
import { Internal } from "./Internal";
import { tagged, tagOf } from "./WriteTag";

type Validate = (
  request: KuzzleRequest,
  ...rest: readonly unknown[]
) => Promise<unknown>;

/** Marks the function that stands before Kuzzle's own: one serves every instance of the plugin. */
const SEAM = Symbol.for("kuzzle-plugin-document-update.validate");

/**
 * Has a tagged update be seen where Kuzzle is about to read and validate the document: the tag
 * decides whether it has to. All other requests go their native way.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/core/validation/validation.js `validate`
 */
export class ValidationSeam extends Internal {
  readonly name = "the validation of its document controller";
  readonly cost = "every document is read before it is updated";
  readonly #impersonation: Impersonation;

  constructor(impersonation: Impersonation) {
    super();
    this.#impersonation = impersonation;
  }

  /** Installs the seam, and sends an update through it that ends there. */
  protected async check(): Promise<boolean> {
    install();
    let isSeen = false;
    const tag = {
      onUpdate: () => Promise.reject(new Error("The check has failed.")),
      onValidate: () => {
        isSeen = true;
        throw new Error("The check has passed.");
      },
    };
    await this.#impersonation
      .query({
        __kuid__: ANONYMOUS,
        _id: "check",
        action: "update",
        body: tagged({}, tag),
        collection: "check",
        controller: "document",
        index: "document-update",
      })
      .catch(() => {});

    return isSeen;
  }
}

function install(): void {
  const { validation } = global.kuzzle as unknown as {
    validation: { validate: Validate & { [SEAM]?: true } };
  };
  const { validate } = validation;
  if (validate[SEAM]) {
    return;
  }
  const seam: Validate = function (this: unknown, request, ...rest) {
    return tagOf(request.input.body)?.onValidate(request)
      ? Promise.resolve(request)
      : validate.call(this, request, ...rest);
  };
  validation.validate = Object.assign(seam, { [SEAM]: true as const });
}
