// What the page does beside: dates in the reader's zone, and a run that is watched. Everything works without.
"use strict";

const shape = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
});

function localise(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.textContent = shape.format(at);
  }
}

function watch(live) {
  const source = new EventSource(live.dataset.events);
  source.addEventListener("progress", (event) => {
    // The server has escaped it, and the page's policy runs nothing that stands in a text.
    const fresh = new DOMParser().parseFromString(event.data, "text/html").body;
    localise(fresh);
    live.replaceChildren(...fresh.childNodes);
  });
  source.addEventListener("over", () => { source.close(); location.reload(); });
  // The server was stopped, or too many watch: look again later.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 10000);
  });
}

localise(document);
const zone = document.getElementById("zone");
if (zone) zone.textContent = "Times are those of this computer (" + shape.resolvedOptions().timeZone + ").";
const live = document.getElementById("live");
if (live && live.dataset.events) watch(live);
