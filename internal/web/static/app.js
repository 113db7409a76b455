// Enhances the client's pages. Every form works without this file.

const root = document.documentElement;
root.classList.add("js");

const status = document.getElementById("status");
const form = document.querySelector("form[data-answer]");
const desk = !matchMedia("(pointer: coarse)").matches;

function say(text) {
  status.textContent = text;
}

// Focus: the first error, else the field on desktops, else the question.
function focusStart() {
  if (document.activeElement && document.activeElement !== document.body) return;
  const wrong = document.querySelector("[aria-invalid=true]");
  const wanted = document.querySelector("[data-focus]");
  const heading = document.querySelector("form h1[tabindex]"); // inside the form, where letters choose and Enter sends
  const target = wrong || (desk && wanted) || heading;
  if (target) target.focus({ preventScroll: target === heading });
}

// A page that waits asks for itself again. Only what changed is replaced, so
// that focus and reading position stay.
async function askAgain() {
  try {
    const res = await fetch(location.href);
    if (res.redirected) {
      location.href = res.url;
      return;
    }
    const page = new DOMParser().parseFromString(await res.text(), "text/html");
    const next = page.querySelector("main");
    const now = document.querySelector("main");
    if (res.ok && next && next.textContent !== now.textContent) {
      now.replaceWith(document.adoptNode(next));
      document.title = page.title;
      say(next.querySelector("h1, .help").textContent);
    }
  } catch {
    // The next try may find the way.
  }
}

const every = Number(document.body.dataset.refresh);
if (every) {
  setInterval(askAgain, every * 1000);
  addEventListener("pageshow", (e) => e.persisted && askAgain());
}

function reopen(f) {
  delete f.dataset.sent;
  for (const b of f.querySelectorAll("[aria-disabled]")) b.removeAttribute("aria-disabled");
}

// A form is sent once. The way back to the page opens it again.
function sendOnce() {
  document.addEventListener("submit", (e) => {
    const f = e.target;
    if (f.dataset.sent) {
      e.preventDefault();
      return;
    }
    f.dataset.sent = "1";
    for (const b of f.querySelectorAll("button[type=submit]")) b.setAttribute("aria-disabled", "true");
    if (f === form) setTimeout(() => say("Saved. Preparing what comes next."), 400);
    setTimeout(reopen, 10000, f); // nothing came: let it be sent again
  });
  addEventListener("pageshow", (e) => {
    if (!e.persisted) return;
    if (form) return location.reload(); // an answered step is shown as such, not as an open question
    say("");
    for (const f of document.forms) reopen(f);
  });
}

// The answer about analytics is sent beside the page, so that nothing that was
// typed is lost. When that fails, the form goes its usual way.
function chooseInPlace() {
  const f = document.querySelector("form[data-choice]");
  if (!f) return;
  const send = async (e) => {
    e.preventDefault();
    const { submitter } = e;
    try {
      const res = await fetch(f.action, { method: "POST", body: new URLSearchParams(new FormData(f, submitter)), redirect: "manual" });
      if (res.type !== "opaqueredirect") throw new Error(res.status);
      const main = document.querySelector("main");
      f.closest("section").remove();
      main.tabIndex = -1;
      main.focus({ preventScroll: true });
      say("Your answer is saved. You can change it under Privacy.");
    } catch {
      f.removeEventListener("submit", send);
      reopen(f);
      f.requestSubmit(submitter);
    }
  };
  f.addEventListener("submit", send);
}

// Text that was typed but not sent survives a reload, in this tab only.
function keepDrafts() {
  const prefix = "introspect-draft:";
  const key = form && prefix + form.dataset.session + form.dataset.answer;
  for (const k of Object.keys(sessionStorage)) {
    if (k.startsWith(prefix) && k !== key) sessionStorage.removeItem(k);
  }
  const field = form && form.querySelector("[data-draft]");
  if (!field) return;
  if (!field.value) field.value = sessionStorage.getItem(key) || "";
  field.addEventListener("input", () => sessionStorage.setItem(key, field.value));
  form.addEventListener("submit", () => sessionStorage.setItem(key, field.value));
}

// Counts characters once there are many.
function count() {
  for (const field of document.querySelectorAll("[data-limit]")) {
    const limit = +field.dataset.limit || 5000;
    const out = document.createElement("span");
    out.className = "counter";
    out.hidden = true;
    field.after(out);
    const show = () => {
      const n = [...field.value].length;
      out.hidden = n < 400;
      out.textContent = n.toLocaleString("en-US") + "/" + limit.toLocaleString("en-US");
      out.classList.toggle("over", n > limit);
    };
    field.addEventListener("input", show);
    show();
  }
}

// Enter sends a long text, Shift+Enter breaks the line. Not on phones, whose
// keyboards have no second Enter, and never while a word is being composed.
function enterSends() {
  if (!form || !desk) return;
  form.addEventListener("keydown", (e) => {
    if (e.target.tagName !== "TEXTAREA" || e.key !== "Enter" || e.shiftKey || e.isComposing || e.keyCode === 229) return;
    const scope = e.target.closest("details") || form;
    const button = scope.querySelector("button[type=submit]");
    if (!button || !e.target.value.trim()) return;
    e.preventDefault();
    form.requestSubmit(button);
  });
}

// A letter chooses an option while the focus is inside the question.
function letters() {
  const options = [...document.querySelectorAll("[data-letter]")];
  if (!options.length) return;
  options[0].form.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (e.target.matches("input[type=text], textarea")) return;
    const input = options.find((o) => o.dataset.letter === e.key.toUpperCase());
    if (!input) return;
    e.preventDefault();
    input.focus();
    input.click();
  });
}

// Samples fill the field, to be changed before they are sent.
function fillExamples() {
  for (const list of document.querySelectorAll("[data-fill]")) {
    const field = document.getElementById(list.dataset.fill);
    for (const item of list.children) {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.textContent = item.textContent;
      chip.addEventListener("click", () => {
        field.value = chip.textContent;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.focus();
      });
      item.replaceChildren(chip);
    }
  }
}

// The text field of "Something else" gets the focus when it opens.
function openOther() {
  for (const option of document.querySelectorAll(".option-other input")) {
    option.addEventListener("change", () => {
      const field = option.closest(".options").querySelector(".other-field input, .other-field textarea");
      if (option.checked && field && option.matches(":not(:focus-visible)")) field.focus();
    });
  }
  for (const d of document.querySelectorAll(".clarify")) {
    d.addEventListener("toggle", () => d.open && d.querySelector("textarea").focus());
  }
}

// The side panel starts closed where it would push the question away.
function foldPanel() {
  const panel = document.querySelector("[data-wide]");
  if (panel && !matchMedia("(min-width: 1024px)").matches) panel.open = false;
}

// Without scripts the times of a conversation are the agency's; a client reads
// them by the clock on the wall.
function localTimes() {
  for (const at of document.querySelectorAll(".message time")) {
    at.textContent = new Date(at.dateTime).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  }
}

// American numbers are shaped while they are typed; others stay as they are.
function shapePhone() {
  const field = document.querySelector("[data-phone]");
  if (!field) return;
  field.addEventListener("input", () => {
    const atEnd = field.selectionStart === field.value.length;
    const digits = field.value.replace(/\D/g, "");
    if (!atEnd || field.value.startsWith("+") || digits.length > 10 || /[^\d\s()-]/.test(field.value)) return;
    const [a, b, c] = [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6)];
    field.value = digits.length > 6 ? `(${a}) ${b}-${c}` : digits.length > 3 ? `(${a}) ${b}` : digits;
  });
}

// Starting over leaves nothing behind in this browser (DOMAIN 1.10).
function forget() {
  for (const f of document.querySelectorAll("form[action='/intake/restart']")) {
    f.addEventListener("submit", () => {
      localStorage.removeItem("introspect-v3-conversation");
      sessionStorage.clear();
    });
  }
}

foldPanel();
localTimes();
forget();
chooseInPlace();
sendOnce();
keepDrafts();
count();
enterSends();
letters();
fillExamples();
openOther();
shapePhone();
focusStart();
