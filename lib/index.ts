export type {
  ApiDocumentUpdateRequest,
  ApiDocumentUpdateResult,
  ApiDocumentUpdateStatsRequest,
  ApiDocumentUpdateStatsResult,
  ApiHistogram,
  DocumentUpdateOptions,
} from "./api";
export type { DocumentUpdateConfiguration } from "./plugin/configuration";
export { DocumentUpdatePlugin } from "./plugin/DocumentUpdatePlugin";
