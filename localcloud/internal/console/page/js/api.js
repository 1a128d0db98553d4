// What the page asks the daemon for. An answer that refuses is an error with its sentence.

async function ask(path, options) {
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error((await answer.text()).trim() || `${answer.status} ${answer.statusText}`);
  return answer;
}

const change = (method, body) => ({
  method,
  headers: { "Content-Type": "application/json", "X-Orchard-Console": "1" },
  body: body && JSON.stringify(body),
});

export const status = async () => (await ask("api/status")).json();
export const faultKinds = async () => (await ask("api/faults")).json();
export const inject = (stack, kind, target, seconds) => ask("api/faults", change("POST", { stack, kind, target, seconds }));
export const revert = (stack, id) => ask(`api/faults/${encodeURIComponent(stack)}/${encodeURIComponent(id)}`, change("DELETE"));
