// The page: which stack is shown, and who draws what of it.

import * as api from "./api.js";
import { Charts } from "./charts.js";
import { showDatabases } from "./databases.js";
import { find, text } from "./dom.js";
import { EventLog } from "./events.js";
import { Breaker, showFaults } from "./faults.js";
import { showGroups } from "./groups.js";
import { showProblems } from "./problems.js";
import { Streams } from "./stream.js";
import { showZones } from "./zones.js";

const picker = find("#stack");
const charts = new Charts(find("#charts"), find("#window"));
const log = new EventLog(find("#events"), find("#event-kind"), find("#event-text"));
const breaker = new Breaker(find("#break"), refresh);
const streams = new Streams(take, showState);
let stack = new URLSearchParams(location.search).get("stack") ?? "";

function showState(state) {
  const live = find("#live");
  live.dataset.state = state;
  text(live, state === "live" ? "live" : "reconnecting");
}

function take(message) {
  if (message.report) show(message.report);
  if (message.whole) {
    charts.clear();
    log.clear();
  }
  charts.add(message.samples ?? []);
  log.add(message.events ?? []);
}

/** Shows a report, and turns to another stack where the one that was shown is gone. */
function show(report) {
  const names = report.worlds.map((w) => w.stack);
  if (!names.includes(stack) && names.length > 0) {
    choose(names[0]);
  }
  pickFrom(names);
  const world = report.worlds.find((w) => w.stack === stack);
  find("#shown").hidden = !world;
  find("#nothing").hidden = Boolean(world);
  if (world) draw(world, report.timeScale);
}

function draw(world, timeScale) {
  document.title = `${world.stack} · Orchard console`;
  text(find("#where"), `${world.cloud} · ${world.region} · slow clocks ×${timeScale}`);
  text(find("#balancers"), world.balancers.map((b) => `${b.name} at ${b.address}, ${b.healthy} of ${b.targets} targets healthy`).join("; "));
  showFaults(world, refresh);
  showProblems(find("#problems"), world);
  showZones(find("#zones"), world, breaker);
  showGroups(find("#groups"), world);
  showDatabases(find("#databases"), world, breaker);
  charts.show(world);
}

function pickFrom(names) {
  const have = [...picker.options].map((o) => o.value);
  if (have.join("\n") !== names.join("\n")) picker.replaceChildren(...names.map((name) => new Option(name, name)));
  picker.value = stack;
  picker.disabled = names.length < 2;
}

function choose(name) {
  stack = name;
  history.replaceState(null, "", `?stack=${encodeURIComponent(name)}`);
  streams.open(name);
}

/** Shows at once what a button has done, before the stream tells. */
async function refresh() {
  try {
    show(await api.status());
  } catch {
    showState("wait"); // the stream tries again and then shows it
  }
}

picker.addEventListener("change", () => {
  choose(picker.value);
  refresh();
});
// A page that nobody sees asks for nothing, and leaves its connection to those that are seen.
document.addEventListener("visibilitychange", () => (document.hidden ? streams.close() : streams.open(stack)));
streams.open(stack);
