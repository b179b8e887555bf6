import { interceptedTaxis, nativeTaxis, sample } from "../sampleData";
import { byId, choose, chosen, control } from "./elements";
import { JsonEditor } from "./JsonEditor";
import {
  type Action,
  type Draft,
  type DraftOptions,
  type OptionName,
  optionsOf,
  type Way,
} from "./request/Draft";

const flags = ["dryRun", "silent", "skipUnchanged", "source"] as const;
const numbers = ["ifVersion", "retryOnConflict"] as const;

const notes: Readonly<Record<Way, string>> = {
  intercepted: `Native document:update in ${interceptedTaxis}: the application has interceptNative there, and the plugin handles it. No client changes.`,
  native: `Native document:update in ${nativeTaxis}: the plugin has no part in it.`,
  plugin: "The plugin's own actions, document-update:update and :modify.",
};

/** Says which options are not available, and where those are that have no switch here. */
function optionsNote(way: Way, action: Action): string {
  const taken = optionsOf(way, action);
  const left = [...flags, ...numbers].filter((name) => !taken.includes(name));
  if (way !== "plugin") {
    return `Not available for this way: ${[...left, "condition", "operators"].join(", ")}.`;
  }
  if (action === "update") {
    return "All options apply. For a condition or operators, choose modify.";
  }

  return `Not available for modify: ${left.join(", ")}.`;
}

/** Where the reader composes an update. */
export class RequestForm {
  readonly #form = byId<HTMLFormElement>("compose");
  readonly #changes: JsonEditor;
  readonly #condition: JsonEditor;
  readonly #operators: JsonEditor;
  readonly #onChange: () => void;
  readonly #onWay: (collection: string) => void;

  /**
   * @param onChange called after each change of the draft
   * @param onWay called with the collection that a way is for
   * @param onSend called when the reader sends it, and it is complete
   */
  constructor(
    onChange: () => void,
    onWay: (collection: string) => void,
    onSend: () => void,
  ) {
    this.#onChange = onChange;
    this.#onWay = onWay;
    const editor = (
      name: string,
      texts: { hint?: string; label: string },
      text: string,
    ) => new JsonEditor(byId(`${name}-editor`), texts, text, onChange);
    this.#changes = editor(
      "changes",
      { label: "Changes" },
      JSON.stringify({ seats: 5, position: { lat: 40.73 } }, null, 2),
    );
    this.#operators = editor(
      "operators",
      { hint: "computed from what is stored", label: "Operators" },
      '{\n  "increment": { "rides": 1 },\n  "now": ["seenAt"]\n}',
    );
    this.#condition = editor(
      "condition",
      {
        hint: "the document must match this filter; may be empty",
        label: "Condition",
      },
      '{ "range": { "seats": { "gte": 1 } } }',
    );

    this.#form.addEventListener("change", (event) => {
      const { name, value } = event.target as HTMLInputElement;
      if (name === "way") {
        this.#takeWay(value as Way);
      }
      this.#show();
      this.#onChange();
    });
    this.#form.addEventListener("input", () => {
      this.#showChosen();
      this.#onChange();
    });
    // A browser cannot show what is wrong with an option while they are folded away.
    const options = byId<HTMLDetailsElement>("options");
    options.addEventListener("invalid", () => (options.open = true), true);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wrong = this.#editors.find(({ error }) => error !== undefined);
      if (wrong) {
        wrong.goToError();
      } else if (this.#form.reportValidity()) {
        onSend();
      }
    });
    this.#form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.#form.requestSubmit();
      }
    });
    this.#show();
  }

  /** Fits the way to a collection that was chosen. */
  takeCollection(collection: string): void {
    if (this.#way !== "plugin") {
      const way = collection === interceptedTaxis ? "intercepted" : "native";
      choose(this.#form, "way", way);
    }
    this.#show();
    this.#onChange();
  }

  /**
   * What is composed, or nothing where a text is not valid JSON.
   *
   * @param jwt token of the user who sends it, unless it is the anonymous one
   */
  draftFor(
    collection: string,
    _id: string,
    jwt: string | undefined,
  ): Draft | undefined {
    if (this.#editors.some(({ error }) => error !== undefined)) {
      return undefined;
    }
    const action = this.#action;

    return {
      _id,
      action,
      body: action === "modify" ? this.#modification() : this.#update(),
      collection,
      index: sample.index,
      jwt,
      options: this.#options(),
      way: this.#way,
    };
  }

  get #way(): Way {
    return chosen(this.#form, "way") as Way;
  }

  get #action(): Action {
    return chosen(this.#form, "action") as Action;
  }

  /** Those that are shown. */
  get #editors(): readonly JsonEditor[] {
    return this.#action === "modify"
      ? [this.#changes, this.#operators, this.#condition]
      : [this.#changes];
  }

  /** An empty editor changes nothing: the API wants a body all the same. */
  #update(): unknown {
    const { value } = this.#changes;

    return value === undefined ? {} : value;
  }

  #modification(): unknown {
    const parts = {
      changes: this.#changes.value,
      condition: this.#condition.value,
      operators: this.#operators.value,
    };

    return Object.fromEntries(
      Object.entries(parts).filter(([, value]) => value !== undefined),
    );
  }

  #options(): DraftOptions {
    const taken = optionsOf(this.#way, this.#action);
    const options: Partial<Record<OptionName, unknown>> = {};
    for (const name of flags) {
      if (taken.includes(name) && control(this.#form, name).checked) {
        options[name] = true;
      }
    }
    if (control(this.#form, "refresh").checked) {
      options.refresh = "wait_for";
    }
    for (const name of numbers) {
      const { value } = control(this.#form, name);
      if (taken.includes(name) && value !== "") {
        options[name] = Number(value);
      }
    }

    return options as DraftOptions;
  }

  /** Each native way has its collection: the other one's documents are under the same identifiers. */
  #takeWay(way: Way): void {
    if (way !== "plugin") {
      choose(this.#form, "action", "update");
      this.#onWay(way === "native" ? nativeTaxis : interceptedTaxis);
    }
  }

  #show(): void {
    const way = this.#way;
    const action = this.#action;
    const modify = this.#form.querySelector<HTMLInputElement>(
      '[name="action"][value="modify"]',
    );
    if (modify) {
      modify.disabled = way !== "plugin";
    }
    byId("modify-editors").hidden = action !== "modify";
    byId("way-note").textContent = notes[way];

    const taken = optionsOf(way, action);
    for (const name of [...flags, ...numbers]) {
      control(this.#form, name).disabled = !taken.includes(name);
    }
    byId("options-note").textContent = optionsNote(way, action);
    this.#showChosen();
  }

  /** Says which options are set, for those that are folded away. */
  #showChosen(): void {
    byId("chosen-options").textContent = Object.entries(this.#options())
      .map(([name, value]) => (value === true ? name : `${name} ${value}`))
      .join(", ");
  }
}
