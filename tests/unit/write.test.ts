// One process for all of them: each file by itself would load Kuzzle once more.
import "./write/answerTo";
import "./write/collectionMappings";
import "./write/collectionPattern";
import "./write/delegateUpdate";
import "./write/fold";
import "./write/foldChanges";
import "./write/foldFailures";
import "./write/foldLanes";
import "./write/foldRules";
import "./write/storableValues";
import "./write/updateWriter";
import "./write/versionConflict";
import "./write/writeUntilStored";
