// The intake form by keyboard: Ctrl+Enter sends it, a known customer fills it, and paper is printed by a button.
"use strict";
document.addEventListener("keydown", (event) => {
  const form = document.getElementById("intake-form");
  if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit(document.getElementById("send"));
});
document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-fill], [data-print]");
  if (!target) return;
  if ("print" in target.dataset) {
    window.print();
    return;
  }
  for (const [name, value] of Object.entries(JSON.parse(target.dataset.fill))) {
    const field = document.getElementById(name);
    if (field && value) field.value = value;
  }
  document.body.dispatchEvent(new Event("intake-filled"));
  document.getElementById("text").focus();
});
document.addEventListener("submit", (event) => {
  if (event.target.id !== "intake-form") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  const form = document.getElementById("intake-form");
  if (form) delete form.dataset.sent;
  const wrong = document.querySelector("[aria-invalid=true]");
  if (wrong) wrong.focus();
});
