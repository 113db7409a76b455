// Keeps the price of the feature screen current. Without this file the button
// "Update price" does the same.

const shop = document.querySelector("[data-price]");
const line = document.getElementById("status");
let timer = 0;
let running = null;

// Choosing one of two features that exclude each other lets go of the other.
function replaceConflicts(box) {
  const rivals = (box.dataset.conflicts || "").split(" ").filter(Boolean);
  const released = [];
  for (const id of box.checked ? rivals : []) {
    const other = shop.querySelector(`input[name=features][value="${CSS.escape(id)}"]`);
    if (!other || !other.checked) continue;
    other.checked = false;
    released.push(other.closest("label").querySelector(".feature-name").textContent);
  }
  if (!released.length) return "";
  const name = box.closest("label").querySelector(".feature-name").textContent;
  return `${name} replaces ${released.join(", ")}. `;
}

function set(name, text) {
  const el = shop.querySelector(`[data-price-text="${name}"]`);
  el.textContent = text;
  return el;
}

function show(p, replaced) {
  set("problem", p.problem || p.warning).hidden = !(p.problem || p.warning);
  set("notes", replaced + p.notes.join(" ")).hidden = !replaced && !p.notes.length;
  set("count", p.count);
  if (p.ok) {
    set("package", p.package);
    set("total", p.total);
    set("hosting", p.hosting);
    set("bundles", p.bundles || "");
    set("discount", p.discount || "");
    shop.querySelector("[data-price-row=discount]").hidden = !p.discount;
  } else {
    set("total", "–");
  }
  line.textContent = replaced + p.announce;
}

async function update(replaced) {
  if (running) running.abort();
  running = new AbortController();
  try {
    const answer = await fetch(shop.dataset.price, {
      method: "POST",
      body: new URLSearchParams(new FormData(shop)),
      signal: running.signal,
    });
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.json(), replaced);
  } catch (e) {
    if (e.name !== "AbortError") document.documentElement.classList.remove("js"); // shows the button again
  }
}

// Enter on a card would press the hidden button.
shop.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && e.target.matches("input")) e.preventDefault();
});

shop.addEventListener("change", (e) => {
  if (e.target.name !== "features" && e.target.name !== "package") return;
  const replaced = e.target.name === "features" ? replaceConflicts(e.target) : "";
  const doubts = document.getElementById("doubts");
  if (doubts) doubts.remove(); // they were about another selection
  clearTimeout(timer);
  timer = setTimeout(update, 150, replaced);
});
