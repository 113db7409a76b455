// Renews the parts of the client's page that change by themselves, while
// somebody looks. Without this script the page reloads by itself.

const region = document.getElementById("live");
const status = document.getElementById("status");
const patience = 10_000; // ms for one look
const longest = 30_000; // ms between two looks while the server does not answer
let misses = 0;

if (region) plan();

function plan() {
  const every = Number(region.dataset.every);
  if (every) setTimeout(look, Math.min(every * 2 ** misses, longest));
}

async function look() {
  if (document.hidden) {
    document.addEventListener("visibilitychange", look, { once: true });
    return;
  }
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(patience) });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.body.className !== document.body.className) {
      location.reload(); // another screen
      return;
    }
    take(page.getElementById("live"));
    misses = 0;
  } catch {
    misses++;
  }
  plan();
}

// take shows what is new. A part that has the focus stays until it loses it.
function take(fresh) {
  if (!fresh) return;
  if (fresh.dataset.say && fresh.dataset.say !== region.dataset.say) status.textContent = fresh.dataset.say;
  region.dataset.say = fresh.dataset.say ?? "";
  region.dataset.every = fresh.dataset.every ?? "0";
  const old = [...region.querySelectorAll("[data-part]")];
  const parts = [...fresh.querySelectorAll("[data-part]")];
  const same = old.length === parts.length && old.every((part, i) => part.dataset.part === parts[i].dataset.part);
  if (!same) {
    if (region.contains(document.activeElement)) region.dataset.every = region.dataset.every === "0" ? "3000" : region.dataset.every;
    else region.replaceChildren(...document.importNode(fresh, true).childNodes);
    return;
  }
  old.forEach((part, i) => {
    if (part.outerHTML !== parts[i].outerHTML && !part.contains(document.activeElement)) part.replaceWith(document.importNode(parts[i], true));
  });
}
