import { type Backend, Controller, type KuzzleRequest } from "kuzzle";

import type { PageFile, PageFiles } from "./buildPage";
import { PAGE_PATH } from "./pagePath";

/** Whatever a document holds, the page runs its own scripts alone, and asks nobody but this Kuzzle. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "connect-src 'self'",
  "font-src data:",
  "img-src 'self' data:",
  "script-src 'self'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Serves the page of the demo on the port of Kuzzle's API. */
export class PageController extends Controller {
  constructor(app: Backend, files: PageFiles) {
    super(app);
    this.name = "demo-page";
    this.definition = {
      actions: Object.fromEntries(
        Object.entries(files).map(([path, file]) => [
          path === "" ? "page" : path.replace(/\W/g, "-"),
          {
            handler: (request: KuzzleRequest) =>
              Promise.resolve(answerWith(request, file)),
            http: [
              {
                path: path === "" ? PAGE_PATH : `${PAGE_PATH}/${path}`,
                verb: "get",
              },
            ],
          },
        ]),
      ),
    };
  }
}

function answerWith(
  request: KuzzleRequest,
  { content, type }: PageFile,
): string {
  request.response.configure({
    format: "raw",
    headers: {
      // It is bundled anew at each start.
      "cache-control": "no-cache",
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "content-type": type,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });

  return content;
}
