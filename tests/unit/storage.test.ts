// One process for all of them: each file by itself would load Kuzzle once more.
import "./storage/batchBounds";
import "./storage/batchQueue";
import "./storage/batchedStorage";
import "./storage/conditionalWrite";
import "./storage/drain";
import "./storage/ingestPipelines";
import "./storage/pluginWrite";
import "./storage/sendBulk";
import "./storage/sendReads";
import "./storage/storageErrors";
import "./storage/storageRequest";
import "./storage/storedDocument";
import "./storage/writeWay";
