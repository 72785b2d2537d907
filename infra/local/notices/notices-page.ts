/** What the page shows of a notice. */
export type ShownNotice = {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly operationId: string;
  readonly action: string;
  readonly agent: string;
};

const style =
  'body{font:15px system-ui;margin:2rem;color:#242424}table{border-collapse:collapse}td,th{text-align:left;padding:.4rem 1rem .4rem 0;border-bottom:1px solid #e0e0e0}code{font-size:13px}';

/** A page of what came, the newest first; it asks again every five seconds. */
export function noticesPage(notices: readonly ShownNotice[]): string {
  const rows = notices.map(
    ({ time, type, agent, action, operationId }) =>
      `<tr><td>${escaped(time)}</td><td>${escaped(type)}</td><td>${escaped(agent)}</td><td><code>${escaped(action)}</code></td><td><code>${escaped(operationId)}</code></td></tr>`,
  );
  const table =
    rows.length === 0
      ? '<p>Nothing has ended yet.</p>'
      : `<table><tr><th>when</th><th>what</th><th>agent</th><th>action</th><th>operation</th></tr>${rows.join('')}</table>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>Notices</title><style>${style}</style><h1>How operations ended</h1>${table}</html>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
