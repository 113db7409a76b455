// The dashboard refreshes itself without a reload: it fetches its own page,
// takes over the part with the figures and patches only what changed, so that
// open tables, the scroll position and the focus stay. Without this script the
// page reloads by <meta http-equiv="refresh">.

// On a phone the tabs are wider than the screen: the current one comes into view.
const tab = document.querySelector(".tabs [aria-current]");
if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 16;

const figures = document.getElementById("figures");
const choice = document.getElementById("refresh");
const live = figures?.dataset.live;
const status = document.getElementById("dashboard-status");
const patience = 15_000; // ms for one fetch

if (figures && status && (choice || live)) watch();

function watch() {
  let timer = 0;
  let latest = Date.now();
  let running = false;

  const interval = () => Number(choice?.value ?? 30) * 1000;

  async function refresh() {
    if (running) return;
    running = true;
    try {
      await update();
      latest = Date.now();
      say();
    } catch (error) {
      if (!error.signedOut) console.error("Failed to fetch metrics:", error); // signing out is no fault
      say(error.signedOut);
    } finally {
      running = false;
      schedule();
    }
  }

  function schedule() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(refresh, interval());
  }

  choice?.addEventListener("change", () => {
    const address = new URL(location.href);
    address.searchParams.set("refresh", choice.value);
    history.replaceState(history.state, "", address);
    keep(choice.value);
    schedule();
  });
  // A hidden tab rests. When it is looked at again, old figures are renewed.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - latest >= interval()) refresh();
    else schedule();
  });
  addEventListener("pageshow", (event) => { if (event.persisted) refresh(); });
  if (live) follow(refresh);

  if (figures.dataset.waiting) refresh();
  else schedule();
}

// keep lets the choice of the refresh survive another choice of the period.
function keep(value) {
  const view = document.querySelector("form.view");
  if (!view) return;
  let field = view.querySelector("input[name=refresh]");
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = "refresh";
    view.append(field);
  }
  field.value = value;
}

// follow listens to what the server counts, while somebody looks. Where no
// stream comes through, the interval above goes on as before.
function follow(refresh) {
  let stream = null;
  const open = () => {
    if (stream || document.hidden) return;
    stream = new EventSource(live);
    stream.addEventListener("changed", refresh);
  };
  const close = () => { stream?.close(); stream = null; };
  document.addEventListener("visibilitychange", () => { if (document.hidden) close(); else open(); });
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

// update fetches the page and patches the figures; it throws when there are none.
async function update() {
  const response = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(patience) });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById("figures");
  if (!fresh) throw Object.assign(new Error("the login has ended"), { signedOut: true });
  sync(figures, fresh);
}

// say tells a failure; without one it falls silent.
function say(signedOut) {
  const text = arguments.length === 0 ? "" : failure(signedOut);
  if (status.textContent !== text) status.textContent = text;
}

function failure(signedOut) {
  const clock = figures.dataset.clock;
  const shown = clock ? ` Showing data from ${clock}.` : "";
  return signedOut
    ? `You are signed out, so the figures no longer change.${shown} Reload the page to sign in again.`
    : `The last update failed; the next one is on its way.${shown}`;
}

// sync makes one tree like another, touching only what differs.
function sync(from, to) {
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName) {
    from.replaceWith(document.importNode(to, true));
    return;
  }
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && name !== "open") from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  const old = [...from.childNodes];
  const fresh = [...to.childNodes];
  for (let i = fresh.length; i < old.length; i++) old[i].remove();
  for (let i = 0; i < fresh.length; i++) {
    if (i < old.length) sync(old[i], fresh[i]);
    else from.append(document.importNode(fresh[i], true));
  }
}
