// Zones side by side: the instances and database servers of each.

import { showServers } from "./databases.js";
import { attribute, clone, fill, find, keyed } from "./dom.js";
import { faultsOf } from "./faults.js";
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
  attribute(node, "data-health", healthOfZone(zone, faults));
  node.toggleAttribute("data-fault", faults !== "");
  fill(node, { name: zone.name, count: zone.instances ? `${zone.healthy} of ${zone.instances} healthy` : "no instance", fault: faults });
  const instances = world.instances.filter((i) => i.zone === zone.name);
  const versions = new Map(world.groups.map((g) => [g.name, g.templateVersion]));
  keyed(find(".instances", node), instances, (i) => i.id, (i) => newInstance(i, breaker),
    (n, i) => showInstance(n, i, faultsOf(world, i.id), versions.get(i.group)));
  showServers(find(".servers", node), world, zone.name);
}

function newInstance(instance, breaker) {
  const node = clone("instance");
  breaker.opens(find(".break", node), "instance", instance.id, `instance ${instance.id} in ${instance.zone}`);
  return node;
}

function healthOfZone(zone, faults) {
  if (zone.instances === 0) return faults ? "unhealthy" : "empty";
  return zone.healthy === zone.instances ? "healthy" : zone.healthy === 0 ? "unhealthy" : "initial";
}

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
