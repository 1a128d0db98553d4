// Which charts there are, in the rows of the dashboards of the clouds and in
// their order: what has gone wrong is seen first, and why after it.

const colors = ["--green", "--blue", "--violet", "--amber"];

// Each series is what it takes of a sample, what its figure counts, and a color.
const requests = { row: "Traffic", title: "Requests", series: [
  { of: (s) => s.requests, label: "requests/s", color: "--blue", fill: true },
] };
const failed = { row: "Errors", title: "Failed answers", series: [
  { of: (s) => s.errors, label: "5xx/s", color: "--red", fill: true },
] };
const times = { row: "Latency", title: "Time to answer", log: true, series: [
  { of: (s) => s.p50, label: "ms p50", color: "--blue" },
  { of: (s) => s.p99, label: "ms p99", color: "--violet" },
] };
const connections = { row: "Traffic", title: "New connections", series: [
  { of: (s) => s.requests, label: "connections/s", color: "--blue", fill: true },
] };
const reset = { row: "Errors", title: "Connections that no target took", series: [
  { of: (s) => s.errors, label: "reset/s", color: "--red", fill: true },
] };
const untimed = { row: "Latency", title: "Time to answer", series: [],
  why: "The load balancer passes connections on and does not see when an answer ends. A load run measures it." };

/** One above the other, because zones in order would be one line. */
const healthy = (zones) => ({ row: "Healthy by zone", title: "Healthy targets", counts: true, stacked: true,
  series: zones.map((zone, n) => ({
    of: (s) => s.zones && (s.zones[zone] ?? 0), label: zone, color: colors[n % colors.length], stepped: true, fill: true,
  })) });

const capacity = { row: "Capacity against desired", title: "Instances", counts: true, series: [
  { of: (s) => s.healthy, label: "healthy", color: "--green", stepped: true, fill: true },
  { of: (s) => s.inService, label: "in service", color: "--amber", stepped: true },
  { of: (s) => s.desired, label: "desired", color: "--text", stepped: true, dash: [4, 4] },
] };

/** The letter or number by which clouds tell the zones of a region. */
const sign = (zone) => zone.slice(-1);

const ofDatabase = (name, take) => (s) => take(s.databases?.find((d) => d.name === name));

/** A line of each role at the height of its zone; none while no server has the role. */
function roles(name, zones, which) {
  const at = (zone) => (zones.includes(zone) ? zones.indexOf(zone) : null);
  const of = (take) => ofDatabase(name, (d) => at(take(d)));
  return { row: "Database role and lag", title: `Roles by zone${which}`, names: zones.map(sign), series: [
    { of: of((d) => d?.primary), label: "primary", color: "--blue", stepped: true, width: 4 },
    { of: of((d) => d?.synced && d.standby), label: "standby in sync", color: "--green", stepped: true, width: 4 },
    { of: of((d) => !d?.synced && d?.standby), label: "standby not in sync", color: "--red", stepped: true, width: 4, dash: [4, 4] },
  ] };
}

const lag = (name, which) => ({ row: "Database role and lag", title: `Lag of the standby${which}`, series: [
  { of: ofDatabase(name, (d) => d?.lag), label: "ms to replay, while a page is open", color: "--violet" },
] });

function databaseCharts(names, zones) {
  const which = (name) => (names.length > 1 ? `, ${name}` : "");
  return names.flatMap((name) => [roles(name, zones, which(name)), lag(name, which(name))]);
}

const processors = { row: "Saturation", title: "Processors, average of a period", least: 100, series: [
  { of: (s) => s.cpu, label: "% of a core", color: "--amber", fill: true },
] };
const underWay = { row: "Saturation", title: "Requests under way", counts: true, series: [
  { of: (s) => s.inFlight, label: "under way", color: "--violet", stepped: true },
] };
const open = { ...underWay, title: "Open connections", series: [{ ...underWay.series[0], label: "open" }] };

/** The layer of the balancer decides what can be counted: requests at 7, connections at 4. */
export function chartsOf({ layer, zones, databases }) {
  const http = layer === 7;
  return [
    ...(http ? [requests, failed, times] : [connections, reset, untimed]),
    healthy(zones),
    capacity,
    ...databaseCharts(databases, zones),
    processors,
    http ? underWay : open,
  ];
}
