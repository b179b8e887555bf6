export type {
  ApiDocumentModifyRequest,
  ApiDocumentModifyResult,
  ApiDocumentUpdateRequest,
  ApiDocumentUpdateResult,
  ApiDocumentUpdateStatsRequest,
  ApiDocumentUpdateStatsResult,
  ApiHistogram,
  DocumentModification,
  DocumentModifyOptions,
  DocumentOperators,
  DocumentUpdateErrorId,
  DocumentUpdateOptions,
} from "./api";
export type { DocumentUpdateConfiguration } from "./plugin/configuration";
export { DocumentUpdatePlugin } from "./plugin/DocumentUpdatePlugin";
