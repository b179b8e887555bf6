// Run by the keeper: stands before an Elasticsearch 8 that lacks the module which answers `GET /`,
// as the build for tests does. Kuzzle asks that once when it starts. The rest is forwarded as it is.
import { Agent, createServer, request } from "node:http";
import { pipeline } from "node:stream";

const [port, target, version] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });

const server = createServer((incoming, outgoing) => {
  const { method, url: path } = incoming;
  if (method === "GET" && path === "/") {
    outgoing.setHeader("content-type", "application/json");
    outgoing.setHeader("x-elastic-product", "Elasticsearch");
    outgoing.end(JSON.stringify({ version: { number: version } }));
    return;
  }

  const forwarded = request({
    agent,
    // This header is about one connection alone (RFC 9110, 7.6.1), and these are kept.
    headers: { ...incoming.headers, connection: "keep-alive" },
    host: "127.0.0.1",
    method,
    path,
    port: target,
  });
  forwarded.once("response", (answer) => {
    const { rawHeaders, statusCode, statusMessage } = answer;
    outgoing.writeHead(Number(statusCode), statusMessage, rawHeaders);
    pipeline(answer, outgoing, () => {});
  });
  pipeline(incoming, forwarded, (error) => {
    if (error) {
      outgoing.destroy();
    }
  });
});

// Elasticsearch does not close idle connections either.
server.keepAliveTimeout = 0;
server.listen(Number(port), "127.0.0.1");
