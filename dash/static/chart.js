// Charts, drawn as SVG so that they take their colors from the style sheet.

import * as format from "./format.js";

const ns = "http://www.w3.org/2000/svg";

export function el(name, attrs = {}, ...children) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attrs)) {
    if (k === "class") e.className = v; else e.setAttribute(k, v);
  }
  e.append(...children);
  return e;
}

function svg(name, attrs = {}) {
  const e = document.createElementNS(ns, name);
  for (const [k, v] of Object.entries(attrs)) e.setAttribute(k, v);
  return e;
}

// What is out of sight is not drawn until it comes into sight.
const sight = new IntersectionObserver(entries => {
  for (const e of entries) {
    e.target.drawing.seen = e.isIntersecting;
    if (e.isIntersecting) e.target.drawing.draw();
  }
}, { rootMargin: "200px" });

const resized = new ResizeObserver(entries => {
  for (const e of entries) {
    e.target.drawing.width = e.contentRect.width;
    e.target.drawing.draw();
  }
});

// A Drawing is an SVG that is as wide as there is room.
class Drawing {
  constructor(height, attrs) {
    this.height = height;
    this.width = 0;
    this.seen = false;
    this.svg = svg("svg", { height, ...attrs });
    this.svg.drawing = this;
    sight.observe(this.svg);
    resized.observe(this.svg);
  }

  draw() {
    if (!this.seen || this.width < 20) return;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.paint();
  }
}

// path returns the path of points, broken where one is not known.
function path(xs, ys) {
  let d = "", open = false;
  for (let i = 0; i < xs.length; i++) {
    if (ys[i] === null || !Number.isFinite(ys[i])) { open = false; continue; }
    d += (open ? "L" : "M") + xs[i].toFixed(1) + " " + ys[i].toFixed(1);
    open = true;
  }
  return d;
}

// dots returns the path of the points that have no neighbour, of which no line is drawn.
function dots(xs, ys) {
  let d = "";
  for (let i = 0; i < xs.length; i++) {
    if (ys[i] !== null && (ys[i - 1] ?? null) === null && (ys[i + 1] ?? null) === null) d += "M" + xs[i].toFixed(1) + " " + ys[i].toFixed(1) + "h.01";
  }
  return d;
}

// area returns the path of what is between points and the floor.
function area(xs, ys, floor) {
  let d = "", from = -1;
  for (let i = 0; i <= xs.length; i++) {
    const is = i < xs.length && ys[i] !== null && Number.isFinite(ys[i]);
    if (is) {
      if (from < 0) { from = i; d += "M" + xs[i].toFixed(1) + " " + floor; }
      d += "L" + xs[i].toFixed(1) + " " + ys[i].toFixed(1);
    } else if (from >= 0) {
      d += "L" + xs[i - 1].toFixed(1) + " " + floor + "Z";
      from = -1;
    }
  }
  return d;
}

// ceiling returns a round number not below v.
function ceiling(v, unit) {
  if (!(v > 0)) return 1;
  const base = 10 ** Math.floor(Math.log10(v));
  for (const m of [1, 1.5, 2, 3, 4, 5, 6, 8, 10]) if (m * base >= v * 0.9999) return m * base;
  return 10 * base;
}

function highest(all) {
  let top = 0;
  for (const ys of all) for (const y of ys) if (y !== null && y > top) top = y;
  return top;
}

function last(ys) {
  for (let i = ys.length - 1; i >= 0; i--) if (ys[i] !== null) return ys[i];
  return null;
}

const left = 48, right = 8, above = 8, below = 18;

// A Chart draws series over time. Lines are [{label, points(past)}], with their first one
// filled.
export class Chart extends Drawing {
  constructor({ title, help, lines, write, top, height = 132 }) {
    super(height, { role: "img", class: "chart" });
    this.lines = lines;
    this.write = write;
    this.top = top;
    this.title = title;
    this.at = null;
    this.values = lines.map((l, i) => el("span", { class: "value s" + (i + 1) }));
    this.when = el("span", { class: "faint when" });
    const legend = el("p", { class: "legend" }, ...lines.map((l, i) =>
      el("span", { class: "key" }, el("i", { class: "s" + (i + 1) }), lines.length > 1 ? l.label + " " : "", this.values[i])), this.when);
    const heading = el("h4", {}, title);
    if (help) heading.append(" ", el("span", { class: "faint" }, help));
    this.element = el("figure", { class: "plot" }, el("figcaption", {}, heading, legend), this.svg);
    this.back = svg("g"), this.front = svg("g"), this.cross = svg("line", { class: "cross" });
    this.svg.append(this.back, this.front, this.cross);
    this.svg.addEventListener("pointermove", e => { this.at = e.offsetX; this.draw(); });
    this.svg.addEventListener("pointerleave", () => { this.at = null; this.draw(); });
  }

  set(past) {
    this.past = past;
    this.points = this.lines.map(l => l.points(past));
    this.svg.setAttribute("aria-label", this.title + ": " +
      this.lines.map((l, i) => (this.lines.length > 1 ? l.label + " " : "") + this.write(last(this.points[i]))).join(", "));
    this.draw();
    if (!this.seen) this.tell(null);
  }

  paint() {
    if (!this.past) return;
    const { times, seconds } = this.past;
    const end = times.at(-1) ?? 0;
    const w = this.width - left - right, h = this.height - above - below;
    const top = this.top ?? ceiling(highest(this.points));
    const xs = times.map(t => left + w * (1 - (end - t) / seconds));
    const y = v => v === null || v === undefined ? null : above + h * (1 - Math.min(v, top) / top);
    this.back.replaceChildren(...this.grid(top, w, h, seconds));
    this.front.replaceChildren();
    this.points.forEach((ps, i) => {
      const ys = xs.map((_, k) => y(ps[ps.length - xs.length + k] ?? null));
      if (i === 0) this.front.append(svg("path", { d: area(xs, ys, above + h), class: "fill s1" }));
      this.front.append(svg("path", { d: path(xs, ys), class: "line s" + (i + 1) }), svg("path", { d: dots(xs, ys), class: "dots s" + (i + 1) }));
    });
    this.point(xs, h, end);
  }

  grid(top, w, h, seconds) {
    const parts = [];
    for (const part of [0, 0.5, 1]) {
      const y = above + h * (1 - part);
      parts.push(svg("line", { x1: left, x2: left + w, y1: y, y2: y, class: "grid" }));
      const t = svg("text", { x: left - 6, y: y + 4, class: "tick end" });
      t.textContent = this.write(top * part);
      parts.push(t);
    }
    for (const [part, anchor] of [[0, "start"], [0.5, "middle"], [1, "end"]]) {
      const t = svg("text", { x: left + w * part, y: this.height - 3, class: "tick " + anchor });
      t.textContent = format.ago(seconds * (1 - part));
      parts.push(t);
    }
    return parts;
  }

  // point shows the values under the pointer, or else the latest.
  point(xs, h, end) {
    let k = -1;
    if (this.at !== null && xs.length) {
      k = xs.length - 1;
      while (k > 0 && xs[k - 1] > this.at - (xs[k] - xs[k - 1]) / 2) k--;
      for (const [a, v] of Object.entries({ x1: xs[k], x2: xs[k], y1: above, y2: above + h })) this.cross.setAttribute(a, v);
    }
    this.cross.toggleAttribute("hidden", k < 0);
    this.tell(k < 0 ? null : k, k < 0 ? 0 : end - this.past.times[k]);
  }

  tell(k, back) {
    this.when.textContent = k === null ? "" : format.ago(back);
    const n = this.past.times.length;
    this.points.forEach((ps, i) => {
      this.values[i].textContent = this.write(k === null ? last(ps) : ps[ps.length - n + k] ?? null);
    });
  }
}

// A Spark is a small line without scales.
export class Spark extends Drawing {
  constructor(height = 28) {
    super(height, { class: "spark", "aria-hidden": "true" });
    this.fill = svg("path", { class: "fill s1" });
    this.line = svg("path", { class: "line s1" });
    this.svg.append(this.fill, this.line);
    this.element = this.svg;
  }

  set(past, points) {
    this.past = past;
    this.points = points;
    this.draw();
  }

  paint() {
    if (!this.past) return;
    const { times, seconds } = this.past;
    const end = times.at(-1) ?? 0, h = this.height - 4;
    const points = typeof this.points === "function" ? this.points() : this.points;
    const top = highest([points]) || 1;
    const xs = times.map(t => this.width * (1 - (end - t) / seconds));
    const ys = xs.map((_, k) => {
      const v = points[points.length - xs.length + k] ?? null;
      return v === null ? null : 2 + h * (1 - Math.max(0, v) / top);
    });
    this.fill.setAttribute("d", area(xs, ys, this.height));
    this.line.setAttribute("d", path(xs, ys));
  }
}

// A CurveChart draws the hit ratio that other capacities would have, and where the cache is.
export class CurveChart extends Drawing {
  constructor(height = 132) {
    super(height, { role: "img", class: "chart" });
    this.note = el("span", { class: "value s2" });
    this.element = el("figure", { class: "plot" },
      el("figcaption", {}, el("h4", {}, "Hit ratio by capacity"), el("p", { class: "legend" }, this.note)), this.svg);
  }

  set(curve) {
    this.curve = curve;
    this.note.textContent = `you are here: ${format.count(curve.capacity)}, ${format.percent(curve.measured)}`;
    this.svg.setAttribute("aria-label", `Hit ratio by capacity: at ${format.count(curve.capacity)}, the cache's own, it hits ${format.percent(curve.measured)}; ` +
      curve.points.filter((_, i) => i % 4 === 0).map(([c, r]) => `${format.count(c)} would hit ${format.percent(r)}`).join(", "));
    this.draw();
  }

  paint() {
    if (!this.curve) return;
    const { points, capacity, measured } = this.curve;
    const w = this.width - left - right, h = this.height - above - below;
    const from = Math.log(Math.max(1, capacity / 8)), to = Math.log(capacity * 4);
    const x = c => left + w * (Math.log(c) - from) / (to - from);
    const y = r => above + h * (1 - r);
    const parts = [];
    for (const r of [0, 0.5, 1]) {
      parts.push(svg("line", { x1: left, x2: left + w, y1: y(r), y2: y(r), class: "grid" }));
      const t = svg("text", { x: left - 6, y: y(r) + 4, class: "tick end" });
      t.textContent = format.percent(r);
      parts.push(t);
    }
    for (const [part, name] of [[1 / 8, "⅛"], [1 / 2, "½"], [1, "1 ×"], [2, "2 ×"], [4, "4 ×"]]) {
      if (capacity * part < 1) continue;
      const t = svg("text", { x: x(capacity * part), y: this.height - 3, class: "tick " + (part === 4 ? "end" : part === 1 / 8 ? "start" : "middle") });
      t.textContent = name;
      parts.push(t);
    }
    const shown = points.filter(([c]) => x(c) >= left - 1);
    const xs = shown.map(([c]) => x(c)), ys = shown.map(([, r]) => y(r));
    parts.push(svg("path", { d: area(xs, ys, above + h), class: "fill s1" }), svg("path", { d: path(xs, ys), class: "line s1" }),
      svg("line", { x1: x(capacity), x2: x(capacity), y1: above, y2: above + h, class: "cross" }),
      svg("circle", { cx: x(capacity), cy: y(measured), r: 9, class: "halo s2" }),
      svg("circle", { cx: x(capacity), cy: y(measured), r: 4.5, class: "dot s2" }));
    this.svg.replaceChildren(...parts);
  }
}
