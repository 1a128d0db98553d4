// Sentences about paths that the stack's rules block, and databases that are out of order.

import { keyed, text } from "./dom.js";

export function showProblems(list, world) {
  const said = world.databases.filter((d) => d.error).map((d) => `${d.name}: ${d.error}`);
  for (const group of world.groups) {
    if (group.rollout?.status === "failed") said.push(`${group.name}: roll-out of version ${group.rollout.version} has failed: ${group.rollout.reason}`);
  }
  for (const { path, zones, sentence } of world.problems) said.push(`${path}${zones ? ` in ${zones.join(", ")}` : ""}: ${sentence}`);
  list.hidden = said.length === 0;
  keyed(list, said, (s) => s, () => document.createElement("li"), text);
}
