// How figures are written. A figure that is not known is a dash.

const none = "–";

function known(v) { return typeof v === "number" && Number.isFinite(v); }

function digits(v) {
  const a = Math.abs(v);
  if (a === 0) return "0";
  if (a < 0.01) return v.toPrecision(1);
  if (a < 10) return trim(v.toFixed(2));
  if (a < 100) return trim(v.toFixed(1));
  return v.toFixed(0);
}

function trim(s) { return s.includes(".") ? s.replace(/\.?0+$/, "") : s; }

function scaled(v, step, units) {
  let i = 0;
  while (Math.abs(v) >= step * 0.9995 && i < units.length - 1) { v /= step; i++; }
  return digits(v) + units[i];
}

export function count(v) {
  if (!known(v)) return none;
  if (Math.abs(v) < 10000) return Number.isInteger(v) ? v.toLocaleString("en") : digits(v);
  return scaled(v, 1000, ["", " k", " M", " G", " T", " P", " E"]);
}

export function bytes(v) { return known(v) ? scaled(v, 1000, [" B", " kB", " MB", " GB", " TB", " PB"]) : none; }

export function percent(v) {
  if (!known(v)) return none;
  const p = 100 * v;
  return (p > 99.9 && p < 100 ? trim((Math.floor(p * 100) / 100).toFixed(2)) : trim(p.toFixed(1))) + " %";
}

export function duration(s) {
  if (!known(s)) return none;
  const a = Math.abs(s);
  if (a === 0) return "0 s";
  if (a < 1e-6) return digits(s * 1e9) + " ns";
  if (a < 1e-3) return digits(s * 1e6) + " µs";
  if (a < 1) return digits(s * 1e3) + " ms";
  if (a < 120) return digits(s) + " s";
  if (a < 7200) return digits(s / 60) + " min";
  return digits(s / 3600) + " h";
}

// span writes a time that passes.
export function span(s) {
  if (s < 100) return Math.round(s) + " s";
  if (s < 6000) return Math.round(s / 60) + " min";
  return digits(s / 3600) + " h";
}

// of returns how values of a unit are written.
export function of(unit) {
  if (unit === "bytes") return bytes;
  if (unit === "ratio") return percent;
  if (unit.endsWith("seconds")) return duration;
  return count;
}

// rate writes so much more of a unit each second.
export function rate(unit) {
  if (unit === "bytes") return v => bytes(v) + "/s";
  if (unit.endsWith("seconds")) return v => duration(v) + "/s";
  return v => count(v) + "/s";
}

// evidence writes the value of an advice's evidence.
export function evidence(e) {
  const per = e.unit.endsWith("/s");
  const write = of(per ? e.unit.slice(0, -2) : e.unit);
  return write(e.value) + (per ? "/s" : "");
}

// ago writes how long before now a time was.
export function ago(seconds) {
  if (seconds < 0.5) return "now";
  const s = Math.round(seconds);
  if (s < 60) return "−" + s + " s";
  if (s < 3600) return "−" + Math.floor(s / 60) + ":" + String(s % 60).padStart(2, "0") + " min";
  return "−" + Math.floor(s / 3600) + ":" + String(Math.floor(s % 3600 / 60)).padStart(2, "0") + " h";
}

export function unitOf(name) { return name.slice(name.lastIndexOf(":") + 1); }
