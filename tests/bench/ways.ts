import type { ApiAnswer, ApiRequest } from "../support/request";
import type { Sender } from "../support/UpdateLedger";
import { type Measures, stepsOf } from "../../demo/devices";
import { COUNTER } from "./WriteLedger";

/**
 * Has a document changed, by one request or by several.
 *
 * @param update of the document, by one request
 * @param version of the document, as it was last told
 * @returns the answer to the last request
 */
export type Way = (
  client: Sender,
  update: ApiRequest,
  version: number,
) => Promise<ApiAnswer>;

export const byOneRequest: Way = (client, update) => client.send(update);

/** Says which version it is an update of. */
export const withIfVersion: Way = (client, update, version) =>
  client.send({ ...update, args: { ...update.args, ifVersion: version } });

/** Sends measures as steps of a `modify`. */
export const bySteps: Way = (client, { body, ...update }) =>
  client.send({
    ...update,
    body: { steps: stepsOf((body as { measures: Measures }).measures) },
  });

/** Counts up as a client can: it reads, writes unless others have written meanwhile, and else begins anew. */
export const byReadingFirst: Way = async (client, update) => {
  for (;;) {
    const read = await client.send({
      ...update,
      action: "get",
      body: undefined,
      controller: "document",
    });
    if (read.body["error"] !== null) {
      return read;
    }
    const { _source, _version } = read.body["result"];
    const body = { [COUNTER]: _source[COUNTER] + 1 };
    const answer = await withIfVersion(client, { ...update, body }, _version);
    if (answer.body["error"]?.status !== 412) {
      return answer;
    }
  }
};
