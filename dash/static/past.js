// The past of all metrics: points at the times of the window that is shown.

export class Past {
  constructor() {
    this.seconds = 300;
    this.step = 1;
    this.times = [];
    this.values = new Map();
  }

  // load asks for the points of a window. What arrives for another one is left.
  async load(seconds) {
    this.seconds = seconds;
    const answer = await fetch("series.json?seconds=" + seconds);
    if (!answer.ok) throw new Error(await answer.text());
    const s = await answer.json();
    if (seconds !== this.seconds) return;
    this.step = s.step;
    this.times = s.times;
    this.values = new Map(Object.entries(s.values));
  }

  // add appends what a report says, if its points are as far apart as the window's.
  add(report) {
    const at = Date.parse(report.at) / 1000;
    if (this.step > report.period * 1.5 || this.times.at(-1) >= at - report.period / 10) return;
    const most = Math.round(this.seconds / this.step);
    const drop = Math.max(0, this.times.length + 1 - most);
    this.times.push(at);
    this.times.splice(0, drop);
    for (const m of report.metrics) {
      if (m.kind === "timer") {
        this.append(m.name + "@rate", m.rate, drop);
        this.append(m.name + "@p50", m.latest.count ? m.latest.p50 : null, drop);
        this.append(m.name + "@p99", m.latest.count ? m.latest.p99 : null, drop);
      } else {
        this.append(m.name, m.kind === "gauge" ? m.value : m.rate, drop);
      }
    }
  }

  append(name, value, drop) {
    let v = this.values.get(name);
    if (!v) this.values.set(name, v = []);
    const missing = this.times.length - 1 - (v.length - drop);
    for (let i = 0; i < missing; i++) v.push(null);
    v.push(value ?? null);
    v.splice(0, Math.max(0, v.length - this.times.length));
  }

  // of returns a series, empty if there is none. It ends where the times do.
  of(name) { return this.values.get(name) ?? []; }

  // map returns f of the points of several series at each time.
  map(names, f) {
    const all = names.map(n => this.of(n));
    const out = new Array(this.times.length);
    for (let i = 0; i < out.length; i++) {
      const at = all.map(v => v[v.length - out.length + i] ?? null);
      const y = at.includes(null) ? null : f(...at);
      out[i] = Number.isFinite(y) ? y : null;
    }
    return out;
  }
}
