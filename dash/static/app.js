// The page: it is told a report at every sample, and draws it.

import { Past } from "./past.js";
import { Sections } from "./sections.js";
import { Table } from "./table.js";
import { offer } from "./profiles.js";
import * as format from "./format.js";

const $ = id => document.getElementById(id);

const past = new Past();
const sections = new Sections();
const table = new Table();
let report = null, paused = false, due = false, loading = false, refreshed = 0;

function draw() {
  due = false;
  sections.set(report, past);
  table.set(report, past);
}

// show draws at the next frame.
function show() {
  if (due || !report) return;
  due = true;
  requestAnimationFrame(draw);
}

async function load(seconds) {
  loading = true;
  try {
    await past.load(seconds);
    refreshed = Date.now();
  } catch (e) {
    link("the past cannot be read: " + e.message, "lost");
  }
  loading = false;
  show();
}

function link(text, state) {
  $("link").textContent = text;
  $("link").className = "link " + state;
}

function take(next) {
  const first = !report;
  report = next;
  if (first) begin();
  if (past.step > report.period * 1.5) {
    if (!loading && Date.now() - refreshed > past.step * 1000) load(past.seconds);
  } else {
    past.add(report);
  }
  if (!paused) show();
}

// begin fills in what does not change.
function begin() {
  const p = report.process;
  document.title = p.name + " · whet";
  $("name").textContent = p.name;
  $("process").textContent = [p.version, "pid " + p.pid, p.go, p.os + "/" + p.arch, p.cores + (p.cores === 1 ? " core" : " cores")].filter(Boolean).join(" · ");
  const buttons = report.windows.map(w => {
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = format.duration(w.length);
    b.setAttribute("aria-pressed", w.length === past.seconds);
    b.addEventListener("click", () => {
      buttons.forEach(o => o.setAttribute("aria-pressed", o === b));
      load(w.length);
    });
    return b;
  });
  past.seconds = report.windows[0].length;
  buttons[0].setAttribute("aria-pressed", true);
  $("windows").replaceChildren(...buttons);
  load(past.seconds);
}

function listen() {
  const events = new EventSource("events");
  events.addEventListener("report", e => {
    const next = JSON.parse(e.data);
    link(paused ? "paused" : "live", paused ? "paused" : "live");
    if (next.metrics.length || next.subjects.length) take(next);
  });
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) {
      link("not connected; trying again", "lost");
      setTimeout(listen, 5000);
    } else {
      link("connection lost; trying again", "lost");
    }
  });
}

$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", paused);
  link(paused ? "paused" : "live", paused ? "paused" : "live");
  show();
});

const themes = ["auto", "light", "dark"];
function theme(name) {
  document.documentElement.dataset.theme = name;
  $("theme").textContent = "◐ " + name;
  $("theme").setAttribute("aria-label", "Theme: " + name);
  try { localStorage.setItem("whet-theme", name); } catch { /* it is forgotten, then */ }
}
$("theme").addEventListener("click", () => theme(themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length]));
let chosen = "auto";
try { chosen = localStorage.getItem("whet-theme") ?? "auto"; } catch { /* none was kept */ }
theme(themes.includes(chosen) ? chosen : "auto");

offer(document.querySelector("meta[name=profiles]").content);
listen();
