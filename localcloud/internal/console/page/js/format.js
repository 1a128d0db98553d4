// Figures and times in words.

const pad = (n) => String(n).padStart(2, "0");

export function clock(time) {
  const d = new Date(time);
  return `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`;
}

/** A span of seconds: 42 s, 3:07 min, 2:05 h. */
export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)}:${pad(s % 60)} min`;
  return `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)} h`;
}

/** A figure with three digits that matter. */
export function figure(n) {
  if (n == null) return "–";
  if (n === 0) return "0";
  if (Math.abs(n) >= 100) return Math.round(n).toLocaleString("en");
  return String(Number(n.toPrecision(Math.abs(n) < 1 ? 2 : 3)));
}

/** A figure that fits beside an axis: thousands as k. */
export const short = (n) => (n >= 1000 ? `${figure(n / 1000)}k` : figure(n));
