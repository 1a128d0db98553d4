// Scaling groups: their size, alarms, roll-outs and repairs.

import { clone, fill, find, keyed } from "./dom.js";
import { figure } from "./format.js";

export function showGroups(root, world) {
  keyed(root, world.groups, (g) => g.id, () => clone("group"), showGroup);
}

function showGroup(node, group) {
  fill(node, {
    name: group.name,
    version: `version ${group.templateVersion}`,
    size: `${group.healthy} healthy of ${group.desired} desired, from ${group.min} to ${group.max}`,
    load: load(group.load),
    rollout: rollout(group.rollout),
    repairs: group.repairsSuspended ? "Repairs are suspended: they have not helped too often" : "",
  });
  find(".desired", node).style.width = share(group.desired, group.max);
  find(".healthy", node).style.width = share(group.healthy, group.max);
  keyed(find(".alarms", node), group.alarms ?? [], (a) => a.policy, () => clone("alarm"),
    (n, a) => showAlarm(n, a, group.desired > group.min));
}

const share = (part, whole) => `${whole > 0 ? Math.min(100, (100 * part) / whole) : 0}%`;

function load(latest) {
  if (!latest) return "";
  const requests = latest.requests ? `, ${figure(latest.requests)} requests a minute and target` : "";
  return `CPU ${figure(latest.cpu)} %${requests}`;
}

function rollout(latest) {
  if (!latest) return "";
  const why = latest.reason ? `: ${latest.reason}` : "";
  if (latest.status === "done") return `Roll-out of version ${latest.version} is done`;
  return `Roll-out of version ${latest.version} is ${latest.status}, ${latest.updated} updated, ${latest.old} to go${why}`;
}

/** A low alarm says something only where the group can become smaller. */
function showAlarm(node, alarm, larger) {
  fill(node, { policy: alarm.policy, high: `high ${alarm.high}`, low: `low ${alarm.low}` });
  find('[data-text="high"]', node).classList.toggle("warn", alarm.high === "alarm");
  find('[data-text="low"]', node).classList.toggle("warn", alarm.low === "alarm" && larger);
}
