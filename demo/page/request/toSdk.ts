import { sampleUser } from "../../sampleData";
import type { Draft } from "./Draft";
import type { Host } from "./Host";

/** Writes the request as a program with kuzzle-sdk, an ES module that Node.js runs. */
export function toSdk(
  { _id, action, body, collection, index, jwt, options, way }: Draft,
  { hostname, port, ssl }: Host,
): string {
  const isPlugin = way === "plugin";
  const lines = (text: string) => text.replaceAll("\n", "\n  ");
  const literal = (value: unknown) => lines(JSON.stringify(value, null, 2));
  const given = [
    ...[index, collection, _id].map((text) => JSON.stringify(text)),
    literal(body),
    ...(Object.keys(options).length > 0 ? [literal(options)] : []),
  ];

  return [
    'import kuzzleSdk from "kuzzle-sdk";',
    ...(isPlugin
      ? [
          'import { DocumentUpdateController } from "kuzzle-plugin-document-update/client";',
        ]
      : []),
    "",
    "const { Kuzzle, WebSocket } = kuzzleSdk;",
    `const kuzzle = new Kuzzle(new WebSocket(${JSON.stringify(hostname)}, { port: ${port}${ssl ? ", ssl: true" : ""} }));`,
    ...(isPlugin
      ? ['kuzzle.useController(DocumentUpdateController, "documentUpdate");']
      : []),
    "await kuzzle.connect();",
    ...(jwt
      ? [
          `await kuzzle.auth.login("local", ${JSON.stringify(sampleUser.credentials)});`,
        ]
      : []),
    "",
    `const result = await kuzzle.${isPlugin ? "documentUpdate" : "document"}.${action}(`,
    ...given.map((each) => `  ${each},`),
    ");",
    "console.log(result);",
    "kuzzle.disconnect();",
  ].join("\n");
}
