import "uplot/dist/uPlot.min.css";
import "./page.css";

import type { DocumentNotification } from "kuzzle-sdk";

import {
  interceptedTaxis,
  nativeTaxis,
  sample,
  sampleUser,
} from "../sampleData";
import { type Outcome, showAnswer } from "./AnswerView";
import type { Client } from "./Client";
import { Connection, type ConnectionState } from "./Connection";
import { copyText } from "./copyText";
import { DocumentView } from "./DocumentView";
import { byId, chosen } from "./elements";
import { NodePanel } from "./NodePanel";
import { NotificationsView } from "./NotificationsView";
import { controllerOf, type Draft } from "./request/Draft";
import { hostOf } from "./request/Host";
import { toCurl } from "./request/toCurl";
import { toKourou } from "./request/toKourou";
import { toRequest } from "./request/toRequest";
import { toSdk } from "./request/toSdk";
import { RequestForm } from "./RequestForm";
import { StormPanel } from "./storm/StormPanel";
import { offerThemes } from "./theme";

const states: Readonly<Record<ConnectionState, string>> = {
  connected: "Connected",
  lost: "Connection lost: trying again",
  waiting: "Connecting",
};

const client = () => connection.client;
const view = new DocumentView(
  client,
  (collection) => form.takeCollection(collection),
  showCode,
);
const notifications = new NotificationsView();
const form: RequestForm = new RequestForm(
  () => showCode(),
  (collection) => void view.show(collection),
  () => void send(),
);
const storm = new StormPanel(client, token);
const node = new NodePanel(client);
const sendButton = byId<HTMLButtonElement>("send");
const user = byId<HTMLSelectElement>("user");

/** Token of the user who sends, unless it is the anonymous one. */
let jwt: string | undefined;
let login = Promise.resolve();

/** Of the connection that sends, and of the one that listens. */
const connectionStates: [ConnectionState, ConnectionState] = [
  "waiting",
  "waiting",
];

/** The page is connected once both are: before, no notification is seen. */
function showState(): void {
  const state =
    (["lost", "waiting"] as const).find((each) =>
      connectionStates.includes(each),
    ) ?? "connected";
  const shown = byId("connection");
  shown.textContent = states[state];
  shown.dataset["state"] = state;
}

/** What updates are sent by. */
const connection: Connection = new Connection(
  (state) => {
    connectionStates[0] = state;
    showState();
    if (state === "connected") {
      // Another Kuzzle than before the connection was lost may not know the token.
      login = logIn();
      void view.list();
      void node.refresh();
    }
  },
  (connected) => storm.recover(connected),
);
/** What listens: subscribers are other clients than those that update. */
const subscriber = new Connection((state) => {
  connectionStates[1] = state;
  showState();
}, subscribe);

async function subscribe(subscribed: Client): Promise<void> {
  for (const collection of [nativeTaxis, interceptedTaxis]) {
    await subscribed.realtime.subscribe(
      sample.index,
      collection,
      {},
      (notification) => {
        const heard = notification as DocumentNotification;
        notifications.add(heard);
        const { _id } = heard.result as { _id: string };
        if (collection === view.collection && _id === view.id) {
          void view.read();
        }
      },
    );
  }
}

/** Takes the token of the user that the reader chose. */
async function logIn(): Promise<void> {
  jwt = undefined;
  if (user.value === "sample") {
    try {
      const answer = await client()?.query({
        action: "login",
        body: sampleUser.credentials,
        controller: "auth",
        expiresIn: "1d",
        strategy: "local",
      });
      jwt = (answer?.result as { jwt: string } | undefined)?.jwt;
    } catch (error) {
      user.value = "anonymous";
      byId("outcome").textContent = `Not logged in: ${String(error)}`;
    }
  }
  showCode();
}

/** What updates are sent with, once the login is over. */
async function token(): Promise<string | undefined> {
  await login;

  return jwt;
}

function draft(): Draft | undefined {
  return form.draftFor(view.collection, view.id, jwt);
}

function showCode(): void {
  const current = draft();
  byId("code").textContent =
    current === undefined
      ? "The text above is not valid JSON."
      : codeOf(current);
}

function codeOf(current: Draft): string {
  const host = hostOf(location);
  switch (chosen(byId("language"), "language")) {
    case "json":
      return JSON.stringify(toRequest(current), null, 2);
    case "kourou":
      return toKourou(current, host);
    case "sdk":
      return toSdk(current, host);
    default:
      return toCurl(current, location.origin);
  }
}

async function send(): Promise<void> {
  await token();
  const current = draft();
  const connected = client();
  const note = byId("outcome");
  if (current === undefined) {
    return;
  }
  if (connected === undefined) {
    note.textContent = "Not connected.";
    return;
  }

  note.textContent = "";
  sendButton.setAttribute("aria-busy", "true");
  const requestId = `page-${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const before = view.shown?.source;
  notifications.expect(requestId);
  const outcome = await outcomeOf(connected, current, requestId);
  sendButton.removeAttribute("aria-busy");
  showAnswer(
    outcome,
    `${controllerOf(current)}:${current.action}`,
    before,
    current.options.source === true,
  );
  await Promise.all([view.read(), tellSilence(requestId, current, outcome)]);
}

async function outcomeOf(
  connected: Client,
  current: Draft,
  requestId: string,
): Promise<Outcome> {
  const begun = performance.now();
  try {
    const { result, status } = await connected.query({
      ...toRequest(current),
      requestId,
    });
    return {
      result,
      status,
      took: performance.now() - begun,
    };
  } catch (error) {
    return {
      error: error as Extract<Outcome, { error: unknown }>["error"],
      took: performance.now() - begun,
    };
  }
}

/** Says so where nobody was notified of an update, and why. */
async function tellSilence(
  requestId: string,
  { _id, options }: Draft,
  outcome: Outcome,
): Promise<void> {
  const listening = subscriber.client;
  // A connection is served in order: after this answer, what was to be notified has come.
  await listening
    ?.query({ action: "now", controller: "server" })
    .catch(() => undefined);
  notifications.end(
    requestId,
    listening
      ? silenceOf(_id, options, outcome)
      : "the second connection is lost.",
  );
}

function silenceOf(
  _id: string,
  { dryRun, silent, skipUnchanged }: Draft["options"],
  outcome: Outcome,
): string {
  if ("error" in outcome) {
    return `the update of ${_id} failed.`;
  }
  if (dryRun) {
    return `the update of ${_id} was a dryRun.`;
  }
  if (silent) {
    return `the update of ${_id} was silent.`;
  }

  return skipUnchanged
    ? `the update of ${_id} changed nothing.`
    : `none came for the update of ${_id}.`;
}

user.addEventListener("change", () => (login = logIn()));
byId("language").addEventListener("change", showCode);
byId("copy").addEventListener("click", () => {
  void copyText(byId("code")).then((isDone) => {
    const copy = byId("copy");
    byId("copied").textContent = isDone ? "Copied" : "Not copied";
    copy.textContent = isDone ? "Copied" : "Not copied";
    setTimeout(() => (copy.textContent = "Copy"), 1_500);
  });
});
offerThemes(() => storm.redraw());
showCode();
