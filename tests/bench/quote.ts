// `npm run bench:quotes`: writes the figures of docs/benchmarks.md into the pages that quote them.
import { run } from "../../scripts/fail.mjs";
import { writeQuotes } from "./quotes";

void run(writeQuotes);
