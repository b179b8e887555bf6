import { controllerOf, type Draft } from "./Draft";
import type { Host } from "./Host";
import { inShell } from "./inShell";

/** Writes the request as a command of Kourou, Kuzzle's command line. */
export function toKourou(draft: Draft, { hostname, port, ssl }: Host): string {
  const { _id, action, body, collection, index, options } = draft;
  const id = inShell(_id);
  const json = inShell(JSON.stringify(body));
  const rest =
    action === "modify" ? [`--id ${id}`, `--body ${json}`] : [`${id} ${json}`];

  return [
    `kourou ${controllerOf(draft)}:${action} ${inShell(index)} ${inShell(collection)}`,
    ...rest,
    ...Object.entries(options).map(([name, value]) => `-a ${name}=${value}`),
    `--host ${hostname} --port ${port}${ssl ? " --ssl" : ""}`,
  ].join(" \\\n  ");
}
