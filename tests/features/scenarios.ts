/** A scenario that has run. */
export interface Scenario {
  readonly name: string;
  /** Where it stands: `file:line`. */
  readonly place: string;
  readonly status: "passed" | "failed" | "skipped";
  /** What went wrong, if anything did. */
  readonly message: string;
}

/** Those messages of Cucumber that tell of scenarios, one field at a time. */
interface Message {
  readonly pickle?: Pickle;
  readonly testCase?: { readonly id: string; readonly pickleId: string };
  readonly testCaseStarted?: { readonly testCaseId: string };
  readonly testStepFinished?: { readonly testStepResult: StepResult };
  readonly testCaseFinished?: object;
  readonly testRunFinished?: { readonly success: boolean };
}

interface Pickle {
  readonly id: string;
  readonly name: string;
  readonly uri: string;
  readonly location: { readonly line: number };
}

interface StepResult {
  readonly status: string;
  readonly message?: string;
}

/**
 * Reads what the `message` formatter of Cucumber prints, and yields each scenario as it ends.
 *
 * @throws when Cucumber ends early, or fails by something else than a scenario
 */
export async function* scenariosOf(
  lines: AsyncIterable<string>,
): AsyncGenerator<Scenario> {
  const pickles = new Map<string, Pickle>();
  const pickleIds = new Map<string, string>();
  let pickleId = "";
  let steps: StepResult[] = [];
  let green = true;
  let success: boolean | undefined;

  for await (const line of lines) {
    const message = parse(line);
    const { pickle, testCase, testCaseStarted, testStepFinished } = message;
    if (pickle) {
      pickles.set(pickle.id, pickle);
    }
    if (testCase) {
      pickleIds.set(testCase.id, testCase.pickleId);
    }
    if (testCaseStarted) {
      pickleId = String(pickleIds.get(testCaseStarted.testCaseId));
      steps = [];
    }
    if (testStepFinished) {
      steps.push(testStepFinished.testStepResult);
    }
    if (message.testCaseFinished) {
      const scenario = toScenario(pickles.get(pickleId), steps);
      green &&= scenario.status !== "failed";
      yield scenario;
    }
    success = message.testRunFinished?.success ?? success;
  }

  if (success !== green) {
    throw new Error(
      "Cucumber failed outside of the scenarios: it printed the reason.",
    );
  }
}

function parse(line: string): Message {
  // The tests print, too.
  return line.startsWith('{"') ? JSON.parse(line) : {};
}

function toScenario(
  pickle: Pickle | undefined,
  steps: readonly StepResult[],
): Scenario {
  const unmet = steps.filter(({ status }) => status !== "PASSED");
  const wrong = unmet.find(({ status }) => status !== "SKIPPED");
  const outcome = unmet.length === 0 ? "passed" : "skipped";

  return {
    message: wrong ? `${wrong.status}: ${wrong.message ?? ""}` : "",
    name: String(pickle?.name),
    place: `${pickle?.uri}:${pickle?.location.line}`,
    status: wrong ? "failed" : outcome,
  };
}
