// Tells what only the browser knows. The server records every stage itself,
// and pages work the same without this file. No word of a client is sent.

import { createCollector } from "/collector.js";

const form = document.querySelector("form[data-field]");

// A field that was filled in and then left alone: the server hears only of
// those that are sent. The id makes it one event, however often it is left.
function watchField() {
  let spent = 0; // seconds until the field was filled in
  form.addEventListener("change", (e) => {
    spent = e.target.value && e.target.checkValidity() ? Math.round(performance.now() / 100) / 10 : 0;
  });
  form.addEventListener("submit", () => (spent = 0));
  const left = () => {
    if (spent) collector.track("foundation_field_completed", { field: form.dataset.field, timeSpent: spent }, undefined, form.dataset.event);
    spent = 0;
  };
  document.addEventListener("visibilitychange", left);
  addEventListener("pagehide", left);
}

if (form) watchField(); // first: the collector sends at the same moments

const collector = createCollector({ sessionId: document.body.dataset.visit });

// Opening how a value is worked out counts as a view of the feature.
for (const details of document.querySelectorAll("[data-feature]")) {
  const { feature: featureId, recommended } = details.dataset;
  const seen = () => collector.track("feature_viewed", { featureId, recommended: recommended === "true" });
  details.addEventListener("toggle", seen, { once: true });
}
