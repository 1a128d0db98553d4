// Databases and the roles of their servers.

import { attribute, clone, fill, find, keyed } from "./dom.js";
import { faultsOf } from "./faults.js";
import { figure } from "./format.js";

/** The servers of every database in a zone. */
export function showServers(list, world, zone) {
  const servers = world.databases.flatMap((d) => d.servers.filter((s) => s.zone === zone).map((s) => ({ ...s, name: d.name, version: d.runningVersion })));
  keyed(list, servers, (s) => `${s.name}/${s.role}`, () => clone("server"), showServer);
}

function showServer(node, server) {
  const inStep = server.role === "primary" || server.sync === "sync" || server.sync === "quorum";
  attribute(node, "data-health", server.pid === 0 ? "unhealthy" : inStep ? "healthy" : "initial");
  fill(node, { role: server.role === "primary" ? "Primary" : "Standby", name: server.name, detail: `PostgreSQL ${server.version} · ${follows(server)}` });
}

function follows(server) {
  if (server.role === "primary") return "takes writes";
  if (!server.sync) return "does not replicate";
  return `replicates ${server.sync}${server.lag == null ? "" : `, ${figure(server.lag)} ms behind`}`;
}

export function showDatabases(root, world, breaker) {
  const make = (database) => {
    const node = clone("database");
    breaker.opens(find(".break", node), "database", database.name, `database ${database.name}`);
    return node;
  };
  keyed(root, world.databases, (d) => d.id, make, (node, database) => {
    const roles = database.servers.map((s) => `${s.role} in ${s.zone}`).join(", ");
    fill(node, {
      name: database.name,
      endpoint: `PostgreSQL ${database.runningVersion} at ${database.endpoint}`,
      roles: roles && roles[0].toUpperCase() + roles.slice(1),
      fault: faultsOf(world, database.name),
    });
  });
}
