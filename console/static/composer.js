// Writing on a case. Marks it knows: data-mention="@id" and data-template (a link to a text), each with data-into="id":
// put in at the cursor, what was typed stays; data-templates="id" (on a field: "/" in it, empty, unfolds that list);
// data-presence="/address" (on the case: whoever writes inside is said to be writing). Nothing inline.
(() => {
  "use strict";
  const csrf = () => { try { return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"]; } catch { return ""; } };

  // Where the cursor is; at the end of a field nobody has been in, so that nothing comes before what stands there.
  const been = new WeakSet();
  document.addEventListener("focusin", (event) => { if (event.target.matches("textarea")) been.add(event.target); });
  const insert = (field, words, apart, closing) => {
    const start = been.has(field) ? field.selectionStart : field.value.length;
    const end = been.has(field) ? field.selectionEnd : start;
    const before = field.value.slice(0, start), after = field.value.slice(end);
    const gap = before && !/\s$/.test(before) ? apart : "";
    field.focus();
    field.setRangeText(gap + words + (/^\s/.test(after) ? "" : closing(after)), start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  document.addEventListener("click", async (event) => {
    const mention = event.target.closest("[data-mention]");
    if (mention) {
      const field = document.getElementById(mention.dataset.into);
      if (field) insert(field, mention.dataset.mention, " ", () => " ");
      return;
    }
    const template = event.target.closest("a[data-template]");
    const field = template && document.getElementById(template.dataset.into);
    if (!field || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    try {
      const answer = await fetch(template.href, { headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("textarea");
      insert(field, told.value, "\n\n", (after) => (after ? "\n\n" : ""));
      template.closest("details").open = false;
    } catch { window.location.assign(template.href); } // the page to copy it from says what is wrong; the draft is kept
  });
  document.addEventListener("keydown", (event) => {
    const list = event.key === "/" && !event.isComposing && event.target.dataset?.templates;
    if (!list || event.target.value.trim()) return;
    event.preventDefault();
    const details = document.getElementById(list);
    details.open = true;
    details.querySelector("a").focus();
  });

  // ---- the others see who is writing --------------------------------------------------------------------------------
  const EVERY = 20000;
  const told = new WeakMap();
  document.addEventListener("input", (event) => {
    const place = event.target.closest("[data-presence]");
    if (!place || !event.target.closest("form") || !event.target.matches("textarea, input:not([type=search], [type=hidden])")) return;
    if (performance.now() - (told.get(place) ?? -EVERY) < EVERY) return;
    told.set(place, performance.now());
    fetch(place.dataset.presence, { method: "POST", headers: { "X-CSRF-Token": csrf() } }).catch(() => told.delete(place));
  });
})();
