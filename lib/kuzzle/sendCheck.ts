import { execute } from "./embeddedUpdate";
import { tagged } from "./WriteTag";

/**
 * Sends an update to check that the plugin's replaced methods are called. It ends before the document is
 * read, with an error that is ignored.
 *
 * @param onValidate called if the update reaches validation
 */
export async function sendCheck(onValidate?: () => void): Promise<void> {
  const tag = {
    onUpdate: () => Promise.reject(new Error("The check has failed.")),
    onValidate: () => {
      onValidate?.();
      throw new Error("The check has passed.");
    },
  };
  await execute({
    _id: "check",
    action: "update",
    body: tagged({}, tag),
    collection: "check",
    index: "document-update",
  }).catch(() => {});
}
