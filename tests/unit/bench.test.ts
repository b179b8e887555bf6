// One process for all of them: each file by itself would load Kuzzle once more.
import "./bench/benchmarkAudit";
import "./bench/benchmarkCharts";
import "./bench/benchmarkPage";
import "./bench/benchmarkWays";
import "./bench/writeLedger";
