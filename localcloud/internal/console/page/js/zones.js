// Zones side by side: the instances and database servers of each.

import { attribute, clone, fill, find, keyed } from "./dom.js";
import { span } from "./format.js";

export function showZones(root, world, breaker) {
  const make = (zone) => {
    const node = clone("zone");
    breaker.opens(find(".break", node), "zone", zone.name, `zone ${zone.name}`);
    return node;
  };
  keyed(root, world.zones, (z) => z.name, make, (node, zone) => showZone(node, zone, world, breaker));
}

function showZone(node, zone, world, breaker) {
  const faults = faultsOf(world, zone.name);
  attribute(node, "data-health", faults ? "down" : healthOfZone(zone));
  fill(node, { name: zone.name, count: zone.instances ? `${zone.healthy} of ${zone.instances} healthy` : "no instance", fault: faults });
  const instances = world.instances.filter((i) => i.zone === zone.name);
  const versions = new Map(world.groups.map((g) => [g.name, g.templateVersion]));
  keyed(find(".instances", node), instances, (i) => i.id,
    (i) => breakable("instance", i.id, `instance ${i.id} in ${i.zone}`, breaker),
    (n, i) => showInstance(n, i, faultsOf(world, i.id), versions.get(i.group)));
  keyed(find(".servers", node), serversIn(world, zone.name), (s) => `${s.name}/${s.role}`,
    (s) => breakable("server", s.name, `database ${s.name}`, breaker, "database"), showServer);
}

function breakable(template, target, about, breaker, kind = template) {
  const node = clone(template);
  breaker.opens(find(".break", node), kind, target, about);
  return node;
}

function healthOfZone(zone) {
  if (zone.instances === 0) return "empty";
  return zone.healthy === zone.instances ? "healthy" : zone.healthy === 0 ? "unhealthy" : "initial";
}

const faultsOf = (world, target) =>
  world.faults.filter((f) => f.target === target).map((f) => `${f.kind} is in force`).join(", ");

function showInstance(node, instance, fault, newest) {
  const old = newest !== undefined && instance.templateVersion < newest;
  attribute(node, "data-health", instance.state === "terminating" ? "draining" : instance.health);
  fill(node, {
    id: instance.id,
    version: `version ${instance.templateVersion}${old ? `, not ${newest}` : ""}`,
    state: describe(instance),
    detail: detail(instance),
    fault,
  });
  find('[data-text="version"]', node).classList.toggle("warn", old);
  find(".break", node).disabled = instance.state === "terminating" || instance.pid === 0;
}

function describe(instance) {
  if (instance.state !== "in service") return instance.reason ? `${instance.state}: ${instance.reason}` : instance.state;
  return instance.health === "unused" ? "in service" : instance.health;
}

function detail(instance) {
  const said = [];
  if (instance.own) said.push(`own health: ${instance.own}`);
  said.push(instance.address);
  if (instance.launched > 0) said.push(`up ${span(Date.now() / 1000 - instance.launched)}`);
  return said.join(" · ");
}

const serversIn = (world, zone) =>
  world.databases.flatMap((d) => d.servers.filter((s) => s.zone === zone).map((s) => ({ ...s, name: d.name, version: d.runningVersion, endpoint: d.endpoint })));

function showServer(node, server) {
  const streams = server.role === "primary" || server.sync === "sync" || server.sync === "quorum";
  attribute(node, "data-health", server.pid === 0 ? "unhealthy" : streams ? "healthy" : "initial");
  const how = server.role === "primary" ? server.endpoint : server.sync ? `replicates ${server.sync}` : "does not replicate";
  fill(node, { role: server.role === "primary" ? "Primary" : "Standby", name: server.name, detail: `PostgreSQL ${server.version} · ${how}` });
}
