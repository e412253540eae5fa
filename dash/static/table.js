// The table of all metrics. A row is kept as long as its metric is there.

import { el, Spark } from "./chart.js";
import * as format from "./format.js";

const $ = id => document.getElementById(id);

export class Table {
  constructor() {
    this.rows = new Map();
    this.body = document.querySelector("#metrics tbody");
    $("filter").addEventListener("input", () => this.choose());
    $("zero").addEventListener("change", () => this.choose());
  }

  set(report, past) {
    this.report = report;
    $("metrics").hidden = false;
    const names = report.metrics.map(m => m.name).join(" ");
    if (names !== this.names) this.build(report.metrics, names);
    for (const m of report.metrics) this.rows.get(m.name).set(m, past);
    this.choose();
  }

  build(metrics, names) {
    const rows = new Map();
    for (const m of metrics) rows.set(m.name, this.rows.get(m.name) ?? new Row(m));
    this.rows = rows;
    this.names = names;
    this.body.replaceChildren(...[...rows.values()].map(r => r.element));
  }

  // choose hides the rows that are not asked for.
  choose() {
    const text = $("filter").value.trim().toLowerCase(), zero = $("zero").checked;
    let shown = 0;
    for (const r of this.rows.values()) {
      const is = r.metric.name.toLowerCase().includes(text) && (zero || r.metric.value !== 0);
      if (r.element.hidden === is) r.element.hidden = !is;
      if (is) shown++;
    }
    const left = this.report.left ? `; ${this.report.left} have no past: there are too many` : "";
    $("shown").textContent = `${shown} of ${this.rows.size}${left}`;
  }
}

class Row {
  constructor(metric) {
    this.value = el("td", { class: "n" });
    this.rate = el("td", { class: "n" });
    this.spark = new Spark(24);
    const path = metric.name.slice(0, metric.name.lastIndexOf(":"));
    const unit = format.unitOf(metric.name);
    this.unit = unit;
    this.element = el("tr", {},
      el("th", { scope: "row" }, path, el("span", { class: "faint" }, ":" + unit)),
      this.value, this.rate, el("td", { class: "past" }, this.spark.element));
  }

  set(m, past) {
    this.metric = m;
    const text = m.kind === "timer" ? this.times(m) : format.of(this.unit)(m.value);
    if (this.value.textContent !== text) this.value.textContent = text;
    const rate = m.kind === "gauge" ? "" : m.kind === "timer" ? format.rate("count")(m.rate) : format.rate(this.unit)(m.rate);
    if (this.rate.textContent !== rate) this.rate.textContent = rate;
    this.spark.set(past, () => past.of(m.kind === "timer" ? m.name + "@p99" : m.name));
  }

  times(m) {
    const s = m.recent?.count ? m.recent : m.all;
    return s?.count ? `p50 ${format.duration(s.p50)}, p99 ${format.duration(s.p99)}` : format.count(0);
  }
}
