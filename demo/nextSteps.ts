import { sample } from "./sampleData";

/** Shell commands for the user to try, to be run at the top of the repository. */
export function nextSteps(port: number): readonly string[] {
  const { collection, document, index } = sample;
  const path = `${index}/${collection}/${document._id}/_update`;

  return [
    `curl -X PATCH -H 'content-type: application/json' -d '{"seats":2}' 'http://localhost:${port}/_/document-update/${path}?source'`,
    // Inside a function, because the SDK would take a global `WebSocket` for that of a browser.
    `node -e '(async () => {
  const { Kuzzle, WebSocket } = require("kuzzle-sdk");
  const { DocumentUpdateController } = require("kuzzle-plugin-document-update/client");
  const kuzzle = new Kuzzle(new WebSocket("localhost", { port: ${port} }));
  kuzzle.useController(DocumentUpdateController, "documentUpdate");
  await kuzzle.connect();
  console.log(await kuzzle.documentUpdate.update("${index}", "${collection}", "${document._id}", { seats: 3 }));
  kuzzle.disconnect();
})()'`,
    `kourou document-update:update ${index} ${collection} ${document._id} '{ seats: 4 }' -a silent=true --port ${port}`,
  ];
}
