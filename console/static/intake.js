// The intake form by keyboard: Ctrl+Enter sends it, and a known customer fills it.
"use strict";
document.addEventListener("keydown", (event) => {
  const form = document.getElementById("intake-form");
  if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit(document.getElementById("send"));
});
document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-fill]");
  if (!target) return;
  for (const [name, value] of Object.entries(JSON.parse(target.dataset.fill))) {
    const field = document.getElementById(name);
    if (field && value) field.value = value;
  }
  document.body.dispatchEvent(new Event("intake-filled"));
  document.getElementById("text").focus();
});
// A draft on its way is waited for, and none begins once the form is sent: what was sent is no draft any more.
const underWay = new Set();
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = document.getElementById("intake-form");
  if (form && form.dataset.sent) event.preventDefault();
  else underWay.add(event.detail.xhr);
});
document.addEventListener("htmx:afterRequest", (event) => {
  underWay.delete(event.detail.xhr);
  const form = document.getElementById("intake-form");
  if (!form || form.dataset.sent !== "waiting" || underWay.size) return;
  delete form.dataset.sent;
  form.requestSubmit(form.sentBy);
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id !== "intake-form") return;
  if (form.dataset.sent || underWay.size) event.preventDefault();
  if (form.dataset.sent) return;
  form.dataset.sent = underWay.size ? "waiting" : "yes";
  form.sentBy = event.submitter || document.getElementById("send");
});
window.addEventListener("pageshow", () => {
  const form = document.getElementById("intake-form");
  if (form) delete form.dataset.sent;
  const wrong = document.querySelector("[aria-invalid=true]");
  if (wrong) wrong.focus();
});
