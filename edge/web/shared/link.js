// Which sentence of the list `link` says how the line to the centre is.

export function linkWord({ connected = true, online, pending }) {
  if (!connected) return "link.none";
  if (online) return pending ? "link.sending" : "link.all";
  return pending ? "link.away_pending" : "link.away";
}
