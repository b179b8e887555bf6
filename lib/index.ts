export type {
  ApiDocumentModifyRequest,
  ApiDocumentModifyResult,
  ApiDocumentUpdateRequest,
  ApiDocumentUpdateResult,
  ApiDocumentUpdateStatsRequest,
  ApiDocumentUpdateStatsResult,
  ApiHistogram,
  DocumentChange,
  DocumentModification,
  DocumentModificationStep,
  DocumentModifyOptions,
  DocumentOperators,
  DocumentUpdateErrorId,
  DocumentUpdateOptions,
  UpdateWithOptions,
} from "./api";
export type { DocumentUpdateConfiguration } from "./plugin/configuration";
export { DocumentUpdatePlugin } from "./plugin/DocumentUpdatePlugin";
