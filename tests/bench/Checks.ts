import { report } from "../support/reporter.mjs";
import type { Contender, Scenario } from "./Scenario";
import { sum } from "./statistics";
import type { Turn } from "./takeTurn";

/** Judges every turn by what it lost and how it failed, never by its times. */
export class Checks {
  #lost = 0;
  #passed = 0;
  #unexpected = 0;
  readonly #faults: string[] = [];

  get hasFailed(): boolean {
    return this.#faults.length > 0;
  }

  /** Notes the turns of a scenario, and prints a line for each. */
  noting(scenario: Scenario): (contender: Contender, turn: Turn) => void {
    return (contender, turn) => {
      const fault = this.#judge(contender, scenario, turn);
      const { acknowledged, cpu, failures, goodput, p50, stale } = turn;
      const failed = sum([...failures.values()]);
      const figures = [
        `${acknowledged} acknowledged`,
        `${failed} failed`,
        ...(stale === undefined ? [] : [`${stale} stale`]),
        `${goodput.toFixed(0)}/s`,
        `p50 ${p50.toFixed(1)} ms`,
        `${cpu.toFixed(0)} µs CPU`,
      ];
      process.stdout.write(
        `  ${fault === undefined ? "✔" : "✖"} ${contender.name}: ${fault ?? figures.join(", ")}\n`,
      );
    };
  }

  /** Notes a scenario that could not be measured to its end, which counts as a failure. */
  broke({ name }: Scenario, error: unknown): void {
    const fault = `${name}: ${String(error)}`;
    process.stdout.write(`  ✖ ${fault}\n`);
    this.#faults.push(fault);
  }

  /**
   * Prints what failed, and tells the plan whose step this is.
   *
   * @returns the exit code
   */
  report(): number {
    const lines = [
      ...this.#faults.map((fault) => `✖ ${fault}`),
      `${this.#lost} lost, ${this.#unexpected} unexpected failures`,
      `${this.#passed} turns passed, ${this.#faults.length} failed`,
    ];
    process.stdout.write(`\n${lines.join("\n")}\n`);
    report({ failed: this.#faults, passed: this.#passed, skipped: [] });

    return this.#faults.length === 0 && this.#passed > 0 ? 0 : 1;
  }

  /** Says why a turn does not pass, or nothing. */
  #judge(
    { conflicts, name }: Contender,
    scenario: Scenario,
    { acknowledged, failures, findings, lost, stale = 0 }: Turn,
  ): string | undefined {
    // Updates that never meet have no conflict to lose.
    const mayConflict = conflicts && scenario.documents.kind !== "independent";
    const unexpected = [...failures].filter(
      ([outcome]) => !(mayConflict && isConflict(outcome)),
    );
    const told = unexpected.map(([outcome, count]) => `${count} × ${outcome}`);
    if (lost > 0) {
      told.push(`${lost} lost`);
    }
    if (!conflicts && stale > 0) {
      told.push(`${stale} stale`);
    }
    for (const what of ["versions", "notifications"] as const) {
      if (!conflicts && findings && findings[what] > 0) {
        told.push(`${findings[what]} ${what} missing or too many`);
      }
    }
    if (acknowledged === 0) {
      told.push("nothing acknowledged");
    }
    this.#lost += lost;
    this.#unexpected += sum(unexpected.map(([, count]) => count));
    if (told.length === 0) {
      this.#passed++;
      return undefined;
    }

    const fault = told.join(", ");
    this.#faults.push(`${scenario.name}: ${name}: ${fault}`);
    return fault;
  }
}

/** Natively, and from Elasticsearch itself. */
function isConflict(outcome: string): boolean {
  return (
    outcome === "500 services.storage.unexpected_error" ||
    outcome.startsWith("409 ")
  );
}
