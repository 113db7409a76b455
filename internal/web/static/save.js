// Loses nothing: saves text before it is sent, keeps answers that the network
// did not take, and offers a link to come back. Without this file every answer
// is saved when it is sent, and "Save for later" leads to the same link.

const bar = document.getElementById("save");
const form = document.querySelector("form[data-answer]");
const field = form && form.querySelector("[data-draft]");
const session = bar.dataset.session;
const action = form ? form.dataset.answer : "";
const copyKey = "introspect-v3-conversation"; // opaque text of the server; it opens with a key that only the server has
const queueKey = "introspect-queue:" + session;
const sentKey = "introspect-sent:" + session;
const seenKey = "introspect-seen:" + session;
const closedKey = "introspect-closed:" + session;

const part = (name) => bar.querySelector(`[data-save=${name}]`);
const announce = document.getElementById("status");
const minute = 60_000;

let changed = false; // since the last save
let typedAt = 0;
let active = Date.now();
let savedAt = +bar.dataset.saved;
let confirming = 0;

// ---- saving what is not sent ----

function body(extra) {
  return JSON.stringify({ sessionId: session, actionId: action, ...extra });
}

function draft() {
  return { draft: { text: field.value, updatedAt: typedAt } };
}

async function post(path, text) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: text });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

// A failure is silent: the next trigger tries again.
async function save(extra) {
  clearTimeout(pause);
  const mine = typedAt;
  const wasChanged = changed;
  changed = false;
  try {
    const now = await post("/api/sessions/sync", body(extra || (wasChanged && field ? draft() : {})));
    savedAt = Date.now();
    if (now.copy) localStorage.setItem(copyKey, now.copy);
    else localStorage.removeItem(copyKey);
    const theirs = now.newer === "server" || (extra && extra.copy);
    if (now.actionId === action && now.draft && field && typedAt === mine && theirs) restore(now.draft.text);
    tellTime();
    return true;
  } catch {
    changed = changed || wasChanged;
    return false;
  }
}

// Text of another browser, or of the copy here, where nothing is typed yet.
function restore(text) {
  if (field.value || !text) return;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  changed = false;
}

// The page goes, maybe for good: nobody waits for an answer any more.
function beacon() {
  if (!changed || !field) return;
  changed = false;
  navigator.sendBeacon("/api/sessions/sync", new Blob([body(draft())], { type: "application/json" }));
}

let pause = 0;

function watchField() {
  field.addEventListener("input", () => {
    changed = true;
    typedAt = active = Date.now();
    clearTimeout(pause);
    pause = setTimeout(save, 2000);
  });
  setInterval(() => changed && save(), 2 * minute);
  form.addEventListener("submit", () => {
    clearTimeout(pause);
    changed = false; // the answer itself is on its way
  });
}

document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && beacon());
addEventListener("pagehide", beacon);
addEventListener("error", beacon);

// ---- answers that the network did not take ----

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) || [];
  } catch {
    return [];
  }
}

function keep(key, list) {
  if (list.length) sessionStorage.setItem(key, JSON.stringify(list));
  else sessionStorage.removeItem(key);
}

// The id of the action makes an answer one answer, however often it arrives.
function entry(submitter) {
  return { actionId: action, url: form.getAttribute("action"), body: new URLSearchParams(new FormData(form, submitter)).toString() };
}

function queue(one) {
  keep(queueKey, [...read(queueKey).filter((x) => x.actionId !== one.actionId), one]);
}

function watchForm() {
  form.addEventListener("submit", (e) => {
    const by = e.submitter;
    if (form.dataset.sent || (by && (by.hasAttribute("formaction") || by.value === "price"))) return;
    const one = entry(by);
    if (navigator.onLine) {
      keep(sentKey, [one]); // until a page shows that it arrived
      return;
    }
    e.preventDefault();
    e.stopImmediatePropagation();
    queue(one);
    offline();
  });
}

// An answer that was sent, while the page that asked for it is here again and
// knows nothing of it, did not arrive.
function findLost() {
  const [one] = read(sentKey);
  keep(sentKey, []);
  if (one && one.actionId === action && !("posted" in bar.dataset)) queue(one);
}

let flushing = false;

async function flush() {
  if (flushing || !read(queueKey).length) return;
  if (!navigator.onLine) return offline();
  flushing = true;
  notice("Sending the answer that was kept …");
  let to = "";
  try {
    for (const one of read(queueKey)) {
      const answer = await fetch(one.url, { method: "POST", body: new URLSearchParams(one.body) });
      if (answer.status === 429 || answer.status >= 500) throw new Error(String(answer.status));
      keep(queueKey, read(queueKey).filter((x) => x.actionId !== one.actionId));
      if (answer.ok) {
        to = answer.url;
      } else if (one.actionId === action) {
        flushing = false;
        form.requestSubmit(form.querySelector("button[type=submit]")); // shows why it was not taken
        return;
      }
    }
    location.replace(to || "/intake/conversation");
  } catch {
    flushing = false;
    notice("The connection is not back yet. Your answer is kept and is sent by itself.");
    setTimeout(flush, 10_000);
  }
}

function offline() {
  notice(
    read(queueKey).length
      ? "You are offline. Your answer is kept here and is sent as soon as you are back."
      : "You are offline. Go on writing: nothing is lost.",
  );
}

// A notice takes the bar until it is over: its buttons need the network.
function notice(text) {
  bar.hidden = false;
  bar.classList.add("save-notice");
  part("text").textContent = text;
  part("time").textContent = "";
  announce.textContent = text;
}

addEventListener("offline", offline);
addEventListener("online", () => {
  if (read(queueKey).length) return flush();
  bar.classList.remove("save-notice");
  confirm("You are online again.");
  if (changed) save();
});

// ---- the bar ----

function idle() {
  bar.hidden = !atRisk() && !wanted();
  part("text").textContent = "Need a break?";
  tellTime();
}

function tellTime() {
  if (bar.classList.contains("save-notice")) return;
  const clock = new Date(savedAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  part("time").textContent = "Everything is saved, last at " + clock + ".";
}

function confirm(text) {
  bar.hidden = false;
  part("text").textContent = text;
  announce.textContent = text;
  clearTimeout(confirming);
  confirming = setTimeout(idle, 3000);
}

function atRisk() {
  const quiet = Date.now() - active > 5 * minute;
  const undecided = "risk" in bar.dataset && !form.querySelector("input[name=features]:checked") && Date.now() - active > minute / 2;
  return quiet || undecided;
}

function wanted() {
  return !sessionStorage.getItem(closedKey) && Date.now() - since > 2 * minute;
}

let risky = false;

// Looks every 30 seconds, and when the window comes back: hidden ones sleep.
function check() {
  if (bar.classList.contains("save-notice")) return;
  const risk = atRisk();
  if (risk && !risky) {
    sessionStorage.removeItem(closedKey);
    save();
  }
  risky = risk;
  if (bar.hidden && (risk || wanted())) idle();
}

const commands = {
  async save() {
    confirm((await save(field && typedAt ? draft() : undefined)) ? "Progress saved." : "That did not work. Please try again in a moment.");
  },
  async mail() {
    try {
      await post("/api/send-magic-link", JSON.stringify({ sessionId: session }));
      confirm("The link is on its way to your mail.");
    } catch {
      confirm("That did not work. Please try again in a moment.");
    }
  },
  async copy() {
    let url = "";
    try {
      ({ url } = await post("/api/sessions/link", JSON.stringify({ sessionId: session })));
      await navigator.clipboard.writeText(url);
      confirm("Link copied. It works for 48 hours.");
    } catch {
      if (!url) return confirm("That did not work. Please try again in a moment.");
      part("link").hidden = false; // no clipboard here: to be copied by hand
      part("link").querySelector("input").value = url;
      part("link").querySelector("input").select();
      confirm("Your link, to copy. It works for 48 hours.");
    }
  },
  close() {
    sessionStorage.setItem(closedKey, "1");
    bar.hidden = true;
  },
};

bar.addEventListener("click", (e) => {
  const button = e.target.closest("[data-do]");
  if (button) commands[button.dataset.do]();
});

for (const name of ["pointerdown", "keydown"]) {
  addEventListener(name, () => (active = Date.now()), { passive: true });
}

// What sticks to the bottom of a page makes room for the bar.
new ResizeObserver(() => document.documentElement.style.setProperty("--save", bar.offsetHeight + "px")).observe(bar);

const since = +sessionStorage.getItem(seenKey) || Date.now();
sessionStorage.setItem(seenKey, String(since));

if (field) watchField();
if (form) {
  watchForm();
  findLost();
}
if (read(queueKey).length) flush();
else if (!navigator.onLine) offline();
else if (+bar.dataset.turns % 5 === 0) save(field && !field.value && localStorage.getItem(copyKey) ? { copy: localStorage.getItem(copyKey) } : undefined);
setInterval(check, minute / 2);
addEventListener("focus", check);
