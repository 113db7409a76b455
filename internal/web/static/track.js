// Tells what only the browser can know. The server records every stage itself,
// and pages work the same without this file. No word of a client is sent.

import { createCollector } from "/collector.js";

const field = document.querySelector("form[data-field]");
let done; // seconds until the field was filled in

// A field that was filled in and then left alone: nobody else knows of it. When
// the form is sent, the server tells; both use the same id. An anonymous event
// must not take that id, because it belongs to another session.
if (field) {
  field.addEventListener("change", (e) => {
    done = e.target.value && e.target.checkValidity() ? Math.round(performance.now() / 100) / 10 : 0;
  });
  field.addEventListener("submit", () => (done = 0));
  const left = () => {
    if (!done || collector.anonymous) return;
    const { field: name, event } = field.dataset;
    collector.track("foundation_field_completed", { field: name, timeSpent: done }, undefined, event);
    done = 0;
  };
  document.addEventListener("visibilitychange", left); // before the collector's own
  addEventListener("pagehide", left);
}

const collector = createCollector({ sessionId: document.body.dataset.visit });

// Opening how a value is worked out counts as a view of the feature.
for (const details of document.querySelectorAll("[data-feature]")) {
  const { feature: featureId, recommended } = details.dataset;
  const seen = () => collector.track("feature_viewed", { featureId, recommended: recommended === "true" });
  details.addEventListener("toggle", seen, { once: true });
}
