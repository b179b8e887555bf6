import "./app";

import { DocumentUpdatePlugin } from "kuzzle-plugin-document-update";

global.app.plugin.use(new DocumentUpdatePlugin());
global.app.config.set("plugins.document-update", { interceptNative: true });
