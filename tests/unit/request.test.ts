// One process for all of them: each file by itself would load Kuzzle once more.
import "./request/apiEvents";
import "./request/copyHeaders";
import "./request/documentUpdateRequest";
import "./request/modifyAction";
import "./request/nativeGuards";
import "./request/nativeInterception";
import "./request/nativeResult";
import "./request/onceByKey";
import "./request/readUpdateArguments";
import "./request/rights";
import "./request/statsAction";
import "./request/updateAction";
