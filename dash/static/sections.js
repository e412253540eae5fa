// What the page shows, from top to bottom.

import { el, Chart, Spark, CurveChart } from "./chart.js";
import * as format from "./format.js";

const ratio = (a, b) => (a + b > 0 ? a / (a + b) : null);
const per = (a, b) => (b > 0 ? a / b : null);
const total = names => past => past.map(names, (...v) => v.reduce((a, b) => a + b, 0));
const one = name => past => past.of(name);

// smooth returns the means of the last n points at each, for what comes in bursts.
const smooth = (n, points) => past => {
  const all = points(past);
  return all.map((v, i) => {
    const some = all.slice(Math.max(0, i - n + 1), i + 1).filter(v => v !== null);
    return v === null || !some.length ? null : some.reduce((a, b) => a + b, 0) / some.length;
  });
};
const collecting = past => past.map(["/cpu/classes/gc/total:cpu-seconds", "/cpu/classes/gc/mark/idle:cpu-seconds"], (a, b) => Math.max(0, a - b));

// A Figures is a report by the names of its metrics.
class Figures {
  constructor(report) {
    this.report = report;
    this.byName = new Map(report.metrics.map(m => [m.name, m]));
  }
  value(name) { return this.byName.get(name)?.value ?? null; }
  rate(name) { return this.byName.get(name)?.rate ?? null; }
  has(name) { return this.byName.has(name); }
}

// A Group is a section with a part for each of some things, which come and go.
class Group {
  constructor(id, make) {
    this.section = document.getElementById(id);
    this.body = this.section.querySelector(".body");
    this.make = make;
    this.parts = new Map();
  }

  set(things, ...rest) {
    this.section.hidden = things.length === 0;
    const names = things.map(t => t.name);
    if (names.join(" ") !== [...this.parts.keys()].join(" ")) {
      const parts = new Map();
      for (const t of things) parts.set(t.name, this.parts.get(t.name) ?? this.make(t, ...rest));
      this.parts = parts;
      this.body.replaceChildren(...[...parts.values()].map(p => p.element));
    }
    for (const t of things) this.parts.get(t.name).set(t, ...rest);
  }
}

export class Sections {
  constructor() {
    this.caches = new Group("caches", (s, f) => new Cache(s, f));
    this.instances = new Group("instances", (s, f) => new Subject(s, f));
    this.others = new Group("others", (s, f) => new Subject(s, f));
    this.own = new Group("own", m => new Own(m));
    this.glance = new Group("glance", t => new Tile(t));
    this.runtime = new Group("runtime", r => new Plot(r));
  }

  set(report, past) {
    const f = new Figures(report);
    advise(report);
    const isCache = s => f.has(s.name + "/hits:count") && f.has(s.name + "/misses:count");
    const rest = report.subjects.filter(s => !isCache(s) && s.type !== "runtime");
    const caches = report.subjects.filter(isCache);
    this.glance.set(tiles(f, caches), f, past);
    this.caches.set(caches, f, past);
    this.instances.set(rest.filter(s => s.type === "singleton"), f, past);
    this.others.set(rest.filter(s => s.type !== "singleton"), f, past);
    this.own.set(report.metrics.filter(m => !m.subject).slice(0, 24), past);
    this.runtime.set(runtimePlots.filter(p => p.needs.every(n => f.has(n))), past);
  }
}

// advise shows the advice, or that there is none.
let advised = null;
function advise(report) {
  const now = JSON.stringify(report.advice.map(a => [a.rule, a.subject, a.text, a.evidence]));
  const body = document.querySelector("#advice .body");
  const title = document.getElementById("advice-title");
  if (now !== advised) {
    advised = now;
    const n = report.advice.length;
    title.textContent = n === 0 ? "All is well" : n === 1 ? "One thing to change" : n + " things to change";
    document.getElementById("advice").className = n === 0 ? "well" : "todo";
    body.replaceChildren(n === 0
      ? el("p", { class: "faint" }, "No rule has found anything to change. They look at the caches’ curves, growth, locks, garbage collection and what is dropped.")
      : el("ul", { class: "advice" }, ...report.advice.map(adviceItem)));
  }
  body.querySelectorAll("time").forEach((t, i) => {
    t.textContent = "for " + format.span(Math.max(0, (Date.parse(report.at) - Date.parse(report.advice[i].since)) / 1000));
  });
}

function adviceItem(a) {
  return el("li", { class: "card" },
    el("p", { class: "about" }, el("strong", {}, a.subject ?? "the program"), " ", el("span", { class: "chip" }, a.rule), " ", el("time", { class: "faint" })),
    el("p", { class: "text" }, a.text),
    el("p", { class: "do" }, el("span", { class: "arrow", "aria-hidden": "true" }, "→ "), a.do),
    el("ul", { class: "evidence" }, ...(a.evidence ?? []).map(e =>
      el("li", {}, el("b", {}, format.evidence(e)), " ", el("span", { class: "faint" }, e.what)))));
}

// tiles are the figures that tell how the program is.
function tiles(f, caches) {
  const all = [];
  const add = (name, title, write, points) => all.push({ name, title, write, points });
  if (caches.length) {
    const hits = caches.map(c => c.name + "/hits:count"), misses = caches.map(c => c.name + "/misses:count");
    add("hits", caches.length === 1 ? "Hit ratio" : "Hit ratio, all caches", format.percent, past => {
      const h = total(hits)(past), m = total(misses)(past);
      return h.map((x, i) => (x === null || m[i] === null ? null : ratio(x, m[i])));
    });
  }
  const cores = f.report.process.cores;
  if (f.has("/process/cpu:seconds")) add("cpu", "Processors used", v => (v === null ? "–" : format.count(v) + " of " + cores), one("/process/cpu:seconds"));
  for (const [name, title, write] of [
    ["/gc/heap/live:bytes", "Live heap", format.bytes],
    ["/process/resident:bytes", "Resident memory", format.bytes],
    ["/gc/heap/allocs:bytes", "Allocated", format.rate("bytes")],
    ["/sched/goroutines:goroutines", "Goroutines", format.count],
    ["/sync/mutex/wait/total:seconds", "Waiting for locks", format.rate("seconds")],
  ]) if (f.has(name)) add(name, title, write, one(name));
  if (f.has("/cpu/classes/gc/total:cpu-seconds")) add("gc", "Collecting garbage", v => (v === null ? "–" : format.percent(v / cores)), smooth(30, collecting));
  return all;
}

class Tile {
  constructor(t) {
    this.value = el("p", { class: "big" });
    this.spark = new Spark(30);
    this.element = el("div", { class: "card tile" }, el("h3", {}, t.title), this.value, this.spark.element);
  }
  set(t, f, past) {
    const points = t.points(past);
    this.value.textContent = t.write(points.findLast(v => v !== null) ?? null);
    this.spark.set(past, points);
  }
}

// A Cache shows something with hits and misses.
class Cache {
  constructor(s, f) {
    const at = field => s.name + "/" + field;
    this.ratio = el("p", { class: "big" });
    this.facts = el("dl", { class: "facts" });
    this.charts = [new Chart({
      title: "Hit ratio", lines: [{ label: "hits", points: past => past.map([at("hits:count"), at("misses:count")], ratio) }], write: format.percent, top: 1,
    })];
    this.curve = new CurveChart();
    this.blind = el("p", { class: "faint" });
    const rates = [["lookups", past => past.map([at("hits:count"), at("misses:count")], (a, b) => a + b)],
      ["evictions", one(at("evictions:count"))], ["expirations", one(at("expirations:count"))]].filter(([n]) => n === "lookups" || f.has(at(n + ":count")));
    this.charts.push(new Chart({ title: "Each second", lines: rates.slice(0, 1).map(([label, points]) => ({ label, points })), help: "lookups", write: format.rate("count") }));
    this.charts.push(new Chart({ title: "Forgotten", help: "each second", lines: rates.slice(1).map(([label, points]) => ({ label, points })), write: format.rate("count") }));
    const [time, calls] = f.has(at("load-time:seconds")) ? ["load-time:seconds", "loads:count"] : ["time:seconds", "calls:count"];
    if (f.has(at(time)) && f.has(at(calls))) {
      this.charts.push(new Chart({ title: calls === "loads:count" ? "A load takes" : "A call takes", help: "mean", lines: [{ label: "mean", points: past => past.map([at(time), at(calls)], per) }], write: format.duration }));
    }
    this.element = el("article", { class: "card subject" },
      el("header", {}, el("h3", {}, s.name), " ", el("span", { class: "chip" }, s.type), this.ratio),
      el("div", { class: "charts" }, ...this.charts.map(c => c.element)), this.blind, this.facts);
  }

  set(s, f, past) {
    this.charts.forEach(c => c.set(past));
    const v = field => f.value(s.name + "/" + field);
    this.ratio.textContent = format.percent(ratio(v("hits:count"), v("misses:count"))) + " hit";
    if (s.curve) {
      if (!this.curve.element.parentNode) this.charts[0].element.after(this.curve.element);
      this.curve.set(s.curve);
    }
    this.blind.hidden = Boolean(s.curve) || s.type !== "cache";
    this.blind.textContent = "What other capacities would hit is not known: set Options.Curve, or wait for traffic.";
    facts(this.facts, s, f);
  }
}

// A Subject shows anything else that is watched: the rates of what it counts, and its levels.
class Subject {
  constructor(s, f) {
    this.facts = el("dl", { class: "facts" });
    const mine = f.report.metrics.filter(m => m.subject === s.name);
    this.charts = mine.filter(m => m.kind === "timer").map(timerChart);
    for (const [t, n] of [["creation-time", "creations"], ["build-time", "builds"], ["time", "calls"], ["wait-time", "waits"]]) {
      const [a, b] = [s.name + "/" + t + ":seconds", s.name + "/" + n + ":count"];
      if (f.has(a) && f.has(b)) this.charts.push(new Chart({ title: title(t), help: "mean", lines: [{ label: "mean", points: past => past.map([a, b], per) }], write: format.duration }));
    }
    const counters = mine.filter(m => m.kind === "counter" && !m.name.endsWith(":seconds"));
    for (const m of counters.slice(0, 5)) {
      this.charts.push(new Chart({ title: title(fieldOf(m, s)), help: "each second", lines: [{ label: "", points: one(m.name) }], write: format.rate(format.unitOf(m.name)) }));
    }
    this.element = el("article", { class: "card subject" },
      el("header", {}, el("h3", {}, s.name), " ", el("span", { class: "chip" }, s.type)),
      el("div", { class: "charts" }, ...this.charts.map(c => c.element)), this.facts);
  }

  set(s, f, past) {
    this.charts.forEach(c => c.set(past));
    facts(this.facts, s, f);
  }
}

function fieldOf(m, s) { return m.name.slice(s.name.length + 1, m.name.lastIndexOf(":")); }

function title(field) {
  const words = field.replaceAll("-", " ").replaceAll("/", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

// facts lists what a subject says of itself, and its figures since the beginning.
function facts(list, s, f) {
  const pairs = Object.entries(s.facts ?? {}).filter(([, v]) => v !== "").map(([k, v]) => [title(k), v]);
  for (const m of f.report.metrics) {
    if (m.subject === s.name && m.kind !== "timer") pairs.push([title(fieldOf(m, s)), format.of(format.unitOf(m.name))(m.value)]);
  }
  const text = JSON.stringify(pairs);
  if (list.dataset.text === text) return;
  list.dataset.text = text;
  list.replaceChildren(...pairs.map(([k, v]) => el("div", {}, el("dt", {}, k), el("dd", {}, v))));
}

function timerChart(m) {
  return new Chart({ title: m.name.slice(0, m.name.lastIndexOf(":")), lines: [{ label: "p99", points: one(m.name + "@p99") }, { label: "p50", points: one(m.name + "@p50") }], write: format.duration });
}

// An Own is a counter, gauge or timer of the program.
class Own {
  constructor(m) {
    const unit = format.unitOf(m.name), name = m.name.slice(0, m.name.lastIndexOf(":"));
    this.chart = m.kind === "timer" ? timerChart(m) : new Chart({
      title: name, help: unit === "count" || unit === "bytes" || unit === "seconds" ? "" : unit,
      lines: [{ label: "", points: one(m.name) }], write: m.kind === "gauge" ? format.of(unit) : format.rate(unit),
    });
    this.element = el("div", { class: "card" }, this.chart.element);
  }
  set(m, past) { this.chart.set(past); }
}

const runtimePlots = [
  { name: "heap", title: "Heap", needs: ["/gc/heap/live:bytes"], write: format.bytes, lines: [
    { label: "objects", points: one("/memory/classes/heap/objects:bytes") }, { label: "live", points: one("/gc/heap/live:bytes") }, { label: "goal", points: one("/gc/heap/goal:bytes") }] },
  { name: "memory", title: "Memory", help: "of the process", needs: ["/process/resident:bytes"], write: format.bytes, lines: [
    { label: "resident", points: one("/process/resident:bytes") }, { label: "Go’s", points: past => past.map(["/memory/classes/total:bytes", "/memory/classes/heap/released:bytes"], (a, b) => a - b) }] },
  { name: "allocs", title: "Allocated", needs: ["/gc/heap/allocs:bytes"], write: format.rate("bytes"), lines: [{ label: "", points: one("/gc/heap/allocs:bytes") }] },
  { name: "goroutines", title: "Goroutines", needs: ["/sched/goroutines:goroutines"], write: format.count, lines: [{ label: "", points: one("/sched/goroutines:goroutines") }] },
  { name: "cpu", title: "Processors used", needs: ["/process/cpu:seconds"], write: format.count, lines: [
    { label: "all", points: one("/process/cpu:seconds") }, { label: "garbage collection", points: smooth(30, collecting) }] },
  { name: "cycles", title: "Collections", needs: ["/gc/cycles/total:gc-cycles"], write: format.rate("count"), lines: [{ label: "", points: smooth(30, one("/gc/cycles/total:gc-cycles")) }] },
  { name: "pauses", title: "Pauses", help: "of all goroutines", needs: ["/sched/pauses/total/gc:seconds"], write: format.duration, lines: [
    { label: "p99", points: one("/sched/pauses/total/gc:seconds@p99") }, { label: "p50", points: one("/sched/pauses/total/gc:seconds@p50") }] },
  { name: "latency", title: "Until a goroutine runs", needs: ["/sched/latencies:seconds"], write: format.duration, lines: [
    { label: "p99", points: one("/sched/latencies:seconds@p99") }, { label: "p50", points: one("/sched/latencies:seconds@p50") }] },
  { name: "locks", title: "Waiting for locks", help: "of all goroutines", needs: ["/sync/mutex/wait/total:seconds"], write: format.rate("seconds"), lines: [{ label: "", points: one("/sync/mutex/wait/total:seconds") }] },
];

class Plot {
  constructor(p) {
    this.chart = new Chart(p);
    this.element = el("div", { class: "card" }, this.chart.element);
  }
  set(p, past) { this.chart.set(past); }
}
