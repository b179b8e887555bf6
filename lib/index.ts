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
  DocumentUpdateOptions,
} from "./api";
export type { DocumentUpdateErrorId } from "./errorIds";
export type { DocumentUpdateConfiguration } from "./plugin/configuration";
export { DocumentUpdatePlugin } from "./plugin/DocumentUpdatePlugin";
