import type { Draft } from "./Draft";
import { inShell } from "./inShell";

/** Writes the request as a command of curl. */
export function toCurl(
  { _id, action, body, collection, index, jwt, options, way }: Draft,
  origin: string,
): string {
  const target = [index, collection, _id].map(encodeURIComponent).join("/");
  const base = way === "plugin" ? "/_/document-update" : "";
  const query = Object.entries(options)
    // A flag is set by being there.
    .map(([name, value]) => (value === true ? name : `${name}=${value}`))
    .join("&");
  const url = `${origin}${base}/${target}/_${action}${query && `?${query}`}`;
  const method = action === "modify" ? "POST" : "PATCH";

  return [
    `curl -X ${method} -H 'content-type: application/json' \\`,
    ...(jwt ? [`  -H 'authorization: Bearer ${jwt}' \\`] : []),
    `  -d ${inShell(JSON.stringify(body))} \\`,
    `  ${inShell(url)}`,
  ].join("\n");
}
