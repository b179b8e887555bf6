// What the page of the demo computes; tests/page has the page itself, in a browser.
import "./page/changedPaths";
import "./page/errorsPage";
import "./page/ledger";
import "./page/parseJson";
import "./page/requestTexts";
import "./page/runContender";
import "./page/verdict";
