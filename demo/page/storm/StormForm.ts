import { byId, chosen, control, element } from "../elements";
import { type Contender, contenders, DEVICE_COUNT } from "./contenders";
import type { StormPlan } from "./runContender";
import type { StormKind } from "./StormKind";

const MOST_IN_FLIGHT = 256;
const MOST_UPDATES = 5_000;
/** A Mutex lets some seven payloads through in a second. */
const MOST_PAYLOADS = 2 * DEVICE_COUNT;

/** Where a storm is set up, started and stopped, and tells how far it is. */
export class StormForm {
  readonly #form = byId<HTMLFormElement>("storm-form");
  readonly #settings = byId<HTMLFieldSetElement>("storm-settings");
  readonly #run = byId<HTMLButtonElement>("run-storm");
  readonly #stop = byId<HTMLButtonElement>("stop-storm");
  readonly #progress = byId<HTMLProgressElement>("storm-progress");
  readonly #onOffer: () => void;

  /**
   * @param onOffer called each time when other ways can be chosen
   * @param onRun called when the reader starts a storm
   * @param onStop called when the reader stops it
   */
  constructor(onOffer: () => void, onRun: () => void, onStop: () => void) {
    this.#onOffer = onOffer;
    this.#form.addEventListener("change", ({ target }) => {
      if ((target as HTMLInputElement).name === "kind") {
        this.#offer();
      }
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      onRun();
    });
    this.#stop.addEventListener("click", onStop);
    this.#offer();
  }

  get isRunning(): boolean {
    return this.#run.disabled;
  }

  get plan(): StormPlan {
    const { value: retries } = control(this.#form, "retries");
    const { value: updates } = control(this.#form, "updates");
    const { value: inFlight } = control(this.#form, "inFlight");
    if (this.#kind === "measure") {
      const payloads = Math.min(Number(updates), MOST_PAYLOADS);
      return {
        inFlight: DEVICE_COUNT,
        isHot: true,
        retryOnConflict: undefined,
        updates: payloads,
      };
    }

    return {
      inFlight: Math.min(Number(inFlight), MOST_IN_FLIGHT),
      isHot: chosen(this.#form, "documents") === "hot",
      retryOnConflict: retries === "" ? undefined : Number(retries),
      updates: Math.min(Number(updates), MOST_UPDATES),
    };
  }

  /** Those that the reader chose. */
  get ways(): readonly Contender[] {
    return this.#offered.filter(
      ({ key }) => control(this.#form, `way-${key}`).checked,
    );
  }

  /** Shows that a storm runs: it can be stopped, and its settings are fixed. */
  begin(): void {
    // A control that is disabled loses the focus of who used it.
    const hadFocus = this.#form.contains(document.activeElement);
    this.#run.disabled = true;
    this.#settings.disabled = true;
    this.#stop.disabled = false;
    if (hadFocus) {
      this.#stop.focus();
    }
  }

  /** Shows that it has ended. */
  end(): void {
    const hadFocus = document.activeElement === this.#stop;
    this.#run.disabled = false;
    this.#settings.disabled = false;
    this.#stop.disabled = true;
    if (hadFocus) {
      this.#run.focus();
    }
    this.showProgress(0);
  }

  /** Shows how much of the storm is done, from 0 to 1. */
  showProgress(share: number): void {
    this.#progress.value = share;
  }

  say(text: string): void {
    byId("storm-status").textContent = text;
  }

  get #offered(): readonly Contender[] {
    return contenders.filter(({ kind }) => kind === this.#kind);
  }

  get #kind(): StormKind {
    return chosen(this.#form, "kind") as StormKind;
  }

  /** Offers the ways of what clients do. */
  #offer(): void {
    byId("contenders").replaceChildren(
      element("legend", {}, "Ways"),
      ...this.#offered.map(({ isDefault, key, label }) => {
        const box = element("input", { name: `way-${key}`, type: "checkbox" });
        box.checked = isDefault;
        return element("label", { class: "switch" }, box, label);
      }),
    );
    this.#onOffer();
  }
}
