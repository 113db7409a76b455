// Introspect's event collector: docs/collector.md says how to use it. An event
// has its id from the start, so that sending it twice counts once.

const MOST = 500; // events in a request
const LONG = 200000; // characters in a request
const LARGE = 36 << 10; // characters of an event, as the server takes
const SPLIT = 16 << 10; // characters below which no beacon is halved
const FIRST = 3000; // ms of the first pause; each next one doubles
const LONGEST = 1800000;

// Disk keeps events in IndexedDB. Where that is refused, everything rejects.
class Disk {
  #name;
  #db;

  constructor(name) {
    this.#name = name; // empty: keep nothing
  }

  #open() {
    this.#db ??= new Promise((ok, no) => {
      if (!this.#name) throw 0;
      const asked = indexedDB.open(this.#name, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("events", { keyPath: "id" });
      asked.onsuccess = () => ok(asked.result);
      asked.onerror = no;
    });
    return this.#db;
  }

  async #run(mode, work) {
    const tx = (await this.#open()).transaction("events", mode);
    return new Promise((ok, no) => {
      const asked = work(tx.objectStore("events"));
      tx.oncomplete = () => ok(asked?.result);
      tx.onabort = no;
    });
  }

  all() {
    return this.#run("readonly", (s) => s.getAll());
  }

  // put commits at once, for a closing page hears nothing.
  put(record) {
    return this.#run("readwrite", (s) => {
      s.put(record);
      s.transaction.commit();
    });
  }

  remove(ids) {
    return this.#run("readwrite", (s) => ids.forEach((id) => s.delete(id)));
  }

  // trim removes the oldest beyond a number and returns their ids.
  async trim(most) {
    let gone = [];
    await this.#run("readwrite", (s) => {
      s.count().onsuccess = (e) => {
        const over = e.target.result - most;
        if (over <= 0) return;
        s.getAllKeys(null, over).onsuccess = (e) => {
          gone = e.target.result;
          gone.forEach((id) => s.delete(id));
        };
      };
    });
    return gone;
  }

  close() {
    this.#db?.then((db) => db.close(), () => {});
  }
}

class Collector {
  #o;
  #anonymous;
  #url;
  #home; // names whatever outlives the page
  #disk;
  #mine = new Map(); // what this page tracked and has no verdict for
  #done = new Set(); // what has one and could not be removed
  #notes = { lost: 0, seq: {}, from: Date.now() }; // without localStorage; a later page begins higher
  #tick = 0;
  #timer;
  #resting; // between two attempts
  #failures = 0;
  #running;
  #closed;

  constructor(options) {
    this.#o = { flushInterval: 30000, flushAt: 50, maxQueue: 1000, ...options };
    this.#url = options.endpoint ? new URL(options.endpoint, document.baseURI) : new URL("/api/metrics/batch", import.meta.url);
    this.#home = "introspect " + this.#url;
    if (options.writeKey) this.#url.searchParams.set("key", options.writeKey); // a header, like JSON, needs a preflight
    this.#anonymous = options.privacy === "anonymous" || !!navigator.globalPrivacyControl || navigator.doNotTrack === "1";
    this.#disk = new Disk(this.#anonymous ? "" : this.#home);
    this.#listen("addEventListener");
    this.#disk.all().then((left) => left.length && this.flush(), () => {});
  }

  #listen(how) {
    document[how]("visibilitychange", this.#hide);
    window[how]("pagehide", this.#hide);
    window[how]("online", this.#online);
  }

  // track queues an event and returns its id; it never throws. With an id of
  // your own an event counts once, however often it is tracked.
  track(name, properties = {}, sessionId = this.#o.sessionId, id = this.#id()) {
    if (this.#closed) return id;
    const userId = this.#anonymous ? undefined : this.#o.userId;
    let text = "";
    try {
      text = JSON.stringify({ id, name, sessionId, userId, timestamp: new Date(), properties });
    } catch {}
    if (!text || text.length > LARGE) {
      this.#tell({ id, result: "drop", details: text ? "event_too_large" : "bad_properties" });
      return id;
    }
    text = text.slice(0, -1) + `,"seq":${this.#seq(sessionId)}}`;
    const record = { id, text, mono: performance.now(), page: performance.timeOrigin };
    this.#mine.set(id, record);
    this.#keep(record);
    if (this.#mine.size >= this.#o.flushAt && !this.#resting) this.flush();
    else this.#plan();
    return id;
  }

  // flush sends all that waits, in other tabs too, and resolves when all have a
  // verdict or an attempt has failed.
  flush() {
    this.#running ??= this.#alone(() => this.#drain()).finally(() => {
      this.#running = null;
      this.#plan();
    });
    return this.#running;
  }

  // destroy hands what waits to the browser.
  destroy() {
    this.#beacon();
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#listen("removeEventListener");
    this.#disk.close();
  }

  // #id makes a UUIDv7 with a counter, so that ids sort as events happened.
  #id() {
    const tick = (this.#tick = Math.max(this.#tick + 1, Date.now() * 1024));
    const hex = (n, width) => n.toString(16).padStart(width, "0");
    const noise = [...crypto.getRandomValues(new Uint8Array(8))].map((b, i) => hex(i ? b : (b & 63) | 128, 2));
    const id = hex(Math.floor(tick / 1024), 12) + 7 + hex(tick % 1024, 3) + noise.join("");
    return id.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  // #note changes what outlives the page, at once.
  #note(change) {
    let notes = this.#notes;
    try {
      if (!this.#anonymous) notes = JSON.parse(localStorage.getItem(this.#home)) ?? { lost: 0, seq: {}, from: 0 };
    } catch {}
    const result = change(notes);
    try {
      if (!this.#anonymous) localStorage.setItem(this.#home, JSON.stringify(notes));
    } catch {}
    return result;
  }

  // #seq numbers the events of a session; 20 sessions are remembered.
  #seq(session) {
    return this.#note(({ seq, from }) => {
      const next = (seq[session] ?? from) + 1;
      delete seq[session];
      seq[session] = next;
      for (const old of Object.keys(seq).slice(0, -20)) delete seq[old];
      return next;
    });
  }

  async #keep(record) {
    const most = this.#o.maxQueue;
    let gone;
    try {
      await this.#disk.put(record);
      record.kept = true;
      gone = await this.#disk.trim(most);
    } catch {
      gone = [...this.#mine.keys()].slice(0, -most);
    }
    gone.forEach((id) => this.#mine.delete(id));
    if (gone.length) this.#note((notes) => (notes.lost += gone.length));
  }

  #tell(verdict) {
    const { onVerdict } = this.#o;
    if (onVerdict) queueMicrotask(() => onVerdict(verdict)); // its faults are not ours
  }

  #plan() {
    if (this.#mine.size) this.#timer ??= this.#after(this.#o.flushInterval);
  }

  #after(ms) {
    return setTimeout(() => {
      this.#timer = this.#resting = null;
      if (!this.#closed) this.flush();
    }, ms);
  }

  // #rest waits longer after each failure, and never less than asked.
  #rest(answer) {
    const after = answer?.headers.get("Retry-After");
    const asked = after * 1000 || Date.parse(after) - Date.now() || 0;
    const own = Math.min(LONGEST, FIRST * 2 ** this.#failures++);
    clearTimeout(this.#timer);
    this.#resting = true;
    this.#timer = this.#after(Math.max(asked, own / 2) + (Math.random() * own) / 2);
  }

  // #alone lets one tab after the other send, where there are locks.
  async #alone(work) {
    try {
      if (!this.#anonymous) return await navigator.locks.request(this.#home, work);
    } catch {}
    return work();
  }

  async #drain() {
    for (let most = MOST; ; ) {
      const batch = fit(await this.#waiting(), most);
      if (!batch.length) return;
      let { answer, results } = await this.#post(batch);
      if (answer?.status === 413) {
        most = batch.length >> 1;
        if (most) continue;
        results = [{ id: batch[0].id, result: "drop", details: "too_large" }];
        most = 1;
      }
      if ((await this.#settle(batch, results)) < batch.length) return this.#rest(answer);
      this.#failures = 0;
    }
  }

  // #waiting lists what is on disk and what this page holds, oldest first.
  async #waiting() {
    const kept = [...this.#mine.values()].filter((r) => r.kept);
    const all = new Map();
    try {
      for (const r of await this.#disk.all()) if (!this.#done.has(r.id)) all.set(r.id, r);
      // Another tab has the verdict for what left the disk.
      for (const r of kept) if (!all.has(r.id)) this.#mine.delete(r.id);
    } catch {}
    for (const r of this.#mine.values()) all.set(r.id, r);
    return [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async #post(batch) {
    const lost = this.#note((notes) => notes.lost);
    let answer;
    try {
      const body = this.#body(batch, lost);
      answer = await fetch(this.#url, { method: "POST", body, credentials: "omit", signal: AbortSignal.timeout(20000) });
      const { results } = await answer.json();
      if (results && lost) this.#note((notes) => (notes.lost -= lost));
      return { answer, results };
    } catch {
      return { answer };
    }
  }

  #body(batch, lost) {
    const head = JSON.stringify({
      sdk: "introspect-js/1",
      sent_at: new Date(),
      sent_mono: performance.now(),
      attempt: this.#failures + 1,
      dropped: lost || undefined,
      privacy: this.#anonymous ? "anonymous" : undefined,
      webdriver: navigator.webdriver || undefined,
    });
    // Another page's clock began at another time.
    const spell = (r) => (r.page === performance.timeOrigin ? `${r.text.slice(0, -1)},"mono":${r.mono}}` : r.text);
    return `${head.slice(0, -1)},"events":[${batch.map(spell)}]}`;
  }

  // #settle removes what has a verdict and returns how many those are.
  async #settle(batch, results) {
    const sent = new Set(batch.map((r) => r.id));
    const done = [];
    for (const verdict of Array.isArray(results) ? results : []) {
      if (!sent.has(verdict?.id)) continue;
      this.#tell(verdict);
      if (verdict.result !== "retry") done.push(verdict.id);
    }
    done.forEach((id) => this.#mine.delete(id));
    await this.#disk.remove(done).catch(() => done.forEach((id) => this.#done.add(id)));
    return done.length;
  }

  #online = () => this.flush();

  #hide = (e) => {
    if (e.type === "pagehide" || document.hidden) this.#beacon();
  };

  // #beacon halves what is refused: all beacons of a page share 64 KB. Nobody
  // tells whether they arrive, so the events stay in the queue.
  #beacon(records = [...this.#mine.values()].filter((r) => !r.told)) {
    if (!records.length) return;
    const body = this.#body(records);
    const half = records.length >> 1;
    if (navigator.sendBeacon?.(this.#url, body)) {
      for (const r of records) r.told = true;
    } else if (half && body.length > SPLIT) {
      this.#beacon(records.slice(0, half));
      this.#beacon(records.slice(half));
    } else this.flush();
  }

  // The methods of the seed's MetricsCollector.

  trackSessionStart(sessionId, websiteType) {
    return this.track("session_start", { websiteType, timestamp: new Date() }, sessionId);
  }

  trackBusinessModelClassified(sessionId, model, confidence, questionNumber) {
    const classificationTiming = questionNumber <= 7 ? "on_time" : "delayed";
    return this.track("business_model_classified", { model, confidence, questionNumber, classificationTiming }, sessionId);
  }

  trackBusinessModelClassification(...args) {
    return this.trackBusinessModelClassified(...args);
  }

  trackFeatureRecommendation(sessionId, features, pack, totalPrice, questionNumber) {
    const timedCorrectly = questionNumber >= 10 && questionNumber <= 12;
    return this.track(
      "features_recommended",
      { featureCount: features.length, features, package: pack, totalPrice, presentationTiming: questionNumber, timedCorrectly },
      sessionId,
    );
  }

  trackFeatureSelection(sessionId, selected, rejected, totalPrice) {
    const adoptionRate = selected.length / (selected.length + rejected.length) || 0;
    return this.track("features_selected", { selectedCount: selected.length, selected, rejected, totalPrice, adoptionRate }, sessionId);
  }

  trackValidationLoop(sessionId, loopNumber, category, response, clarification) {
    return this.track("validation_loop", { loopNumber, category, response, hadClarification: !!clarification }, sessionId);
  }

  trackQuestionEfficiency(sessionId, questionCount, status) {
    const efficiency = grade(questionCount, [22, 25, 28], ["excellent", "good", "acceptable", "poor"]);
    return this.track("question_efficiency", { questionCount, status, efficiency }, sessionId);
  }

  trackConflictResolution(sessionId, conflictType, resolution) {
    return this.track("conflict_resolution", { conflictType, resolution }, sessionId);
  }

  trackSessionComplete(sessionId, questionCount, duration, confidence) {
    const marks = [100, 80, 60, 40];
    const sum = grade(questionCount, [22, 25, 28], marks) + grade(duration, [900, 1200, 1500], marks) + confidence;
    return this.track("session_complete", { questionCount, duration, confidence, efficiency: Math.round(sum / 3) }, sessionId);
  }

  trackDocumentGeneration(sessionId, documentType, wordCount, generationTime) {
    const quality = wordCount > 5000 ? "comprehensive" : "standard";
    return this.track("document_generated", { documentType, wordCount, generationTime, quality }, sessionId);
  }
}

// grade picks the first mark for values up to the first bound, and so on.
function grade(value, bounds, marks) {
  return marks.at(bounds.findIndex((bound) => value <= bound));
}

// fit takes from the front what one request may carry, one at least.
function fit(records, most) {
  let size = 0;
  const end = records.findIndex((r, i) => i === most || ((size += r.text.length) > LONG && i > 0));
  return end < 0 ? records : records.slice(0, end);
}

export function createCollector(options = {}) {
  return new Collector(options);
}
