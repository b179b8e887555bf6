import { sampleUser } from "../../sampleData";
import { controllerOf, type Draft } from "./Draft";
import type { Host } from "./Host";
import { inShell } from "./inShell";

/** Writes the request as a command of Kourou, Kuzzle's command line. */
export function toKourou(draft: Draft, { hostname, port, ssl }: Host): string {
  const { _id, action, body, collection, index, jwt, options } = draft;
  const id = inShell(_id);
  const json = inShell(JSON.stringify(body));
  const { password, username } = sampleUser.credentials;
  const rest =
    action === "modify" ? [`--id ${id}`, `--body ${json}`] : [`${id} ${json}`];

  return [
    `kourou ${controllerOf(draft)}:${action} ${inShell(index)} ${inShell(collection)}`,
    ...rest,
    ...Object.entries(options).map(([name, value]) => `-a ${name}=${value}`),
    ...(jwt ? [`--username ${username} --password ${password}`] : []),
    `--host ${hostname} --port ${port}${ssl ? " --ssl" : ""}`,
  ].join(" \\\n  ");
}
