export type {
  ApiDocumentUpdateRequest,
  ApiDocumentUpdateResult,
  DocumentUpdateOptions,
} from "./api";
export type { DocumentUpdateConfiguration } from "./plugin/configuration";
export { DocumentUpdatePlugin } from "./plugin/DocumentUpdatePlugin";
