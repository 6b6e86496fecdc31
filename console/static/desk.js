// The desk's behaviour over plain pages: every link and form works without it. No framework, nothing inline.
// Marks it knows: data-copy="text", data-confirm="question", data-draft="/address" (on a form or a field: kept as one
// types), data-draft-state (where that is told), data-guard (a form whose text must not get lost), <time data-left>,
// data-names="id" (the list in which a file input tells its files). Shortcuts: keys.js; the composer: composer.js.
(() => {
  "use strict";
  const $ = (what, where = document) => where.querySelector(what);
  const $$ = (what, where = document) => [...where.querySelectorAll(what)];
  const words = $("#desk-words")?.dataset ?? {};
  const fill = (sentence, n) => (sentence || "{n}").replace("{n}", n);
  const make = (tag, content, attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = content;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const toast = (sentence, long = true) => {
    const line = make("div", sentence, { class: "toast-line" });
    $("#toasts")?.append(line);
    setTimeout(() => line.remove(), long ? 9000 : 2000);
  };

  const asking = (sentence) => new Promise((answer) => {
    const dialog = $("#confirm");
    $("#confirm-text").textContent = sentence;
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });

  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      event.preventDefault();
      await navigator.clipboard?.writeText(copy.dataset.copy).then(() => toast(words.copied, false), () => {});
      return;
    }
    if (event.target.closest("[data-print]")) window.print();
    if (event.target.matches?.("dialog.sheet")) event.target.close();
    const chosen = event.target.closest("a[hx-get]"); // put into this page, so the menu would stay before it
    for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target) || menu.contains(chosen)) menu.open = false;
  });
  // A plain form asks before it is sent; htmx asks by its own event below.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const sentence = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (!sentence || form.dataset.sure) { delete form.dataset.sure; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    asking(sentence).then((sure) => { if (sure) { form.dataset.sure = "1"; form.requestSubmit(event.submitter); } });
  }, true);

  // ---- what was typed is never lost ---------------------------------------------------------------------------------
  const dirty = new Set();
  const guarded = (form) => form?.matches("[data-guard], [data-draft]");
  const unsaid = (form) => form.isConnected && $$("textarea, input[type=text], input:not([type])", form).some((field) => field.value !== field.defaultValue);
  let sending = false;
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (guarded(form) && event.target.type !== "hidden") dirty.add(form);
    const draft = event.target.closest("[data-draft]");
    if (draft) { clearTimeout(draft.later); draft.later = setTimeout(() => keepDraft(draft), 1200); }
  });
  const keepDraft = async (draft) => {
    const form = draft.matches("form") ? draft : draft.form || draft.closest("form");
    const state = $("[data-draft-state]", form) || make("span", "");
    try {
      const answer = await fetch(draft.dataset.draft, { method: "POST", body: new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")),
        headers: { "X-CSRF-Token": csrf() }, keepalive: true });
      if (!answer.ok) throw new Error(String(answer.status));
      state.textContent = words.saved;
      dirty.delete(form);
    } catch { state.textContent = words.unsaved; }
  };
  const csrf = () => { try { return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"]; } catch { return ""; } };
  document.addEventListener("submit", (event) => { if (!event.defaultPrevented) { sending = true; setTimeout(() => { sending = false; }, 5000); } });
  // htmx goes on by itself where a form was taken, so its text is lost no more; where the session ended, it would be.
  document.addEventListener("htmx:beforeOnLoad", ({ detail: { xhr, elt } }) => {
    if (xhr.status < 400 && xhr.getResponseHeader("HX-Redirect")) dirty.delete(elt.form ?? elt);
  });
  window.addEventListener("beforeunload", (event) => {
    if (!sending && [...dirty].some(unsaid)) event.preventDefault();
  });
  document.addEventListener("change", (event) => {
    const into = event.target.type === "file" && document.getElementById(event.target.dataset.names || "");
    if (!into) return;
    into.replaceChildren(...[...event.target.files].map((file) => make("li", `${file.name} · ${Math.ceil(file.size / 1024)} KB`)));
  });

  // ---- time left, told anew every half minute -----------------------------------------------------------------------
  const left = (seconds) => {
    const over = seconds < 0;
    const minutes = Math.floor(Math.abs(seconds) / 60);
    if (minutes < 1) return words.dueNow;
    const way = over ? "Over" : "Left";
    if (minutes < 180) return fill(words[`minutes${way}`], minutes);
    if (minutes < 48 * 60) return fill(words[`hours${way}`], Math.floor(minutes / 60));
    return fill(words[`days${way}`], Math.floor(minutes / 1440));
  };
  // The company's clock may run apart from this device's (a rehearsal): the page's own instant counts.
  const began = performance.now();
  const base = Date.parse($("html").dataset.now || "") || Date.now();
  const retell = () => {
    const now = base + performance.now() - began;
    for (const time of $$("time[data-left]")) {
      const told = left((Date.parse(time.dateTime) - now) / 1000);
      if (told && told !== time.textContent) time.textContent = told;
      const chip = time.closest(".chip-ok, .chip-soon");
      if (chip && Date.parse(time.dateTime) < now) pass(chip);
    }
  };
  // A deadline that passes while one looks: colour and icon change with the words, and only this is said aloud.
  const pass = (chip) => {
    chip.classList.remove("chip-ok", "chip-soon");
    chip.classList.add("chip-overdue");
    const sign = $(".icon use", chip);
    sign?.setAttribute("href", sign.getAttribute("href").replace(/#.*/, "#alert-triangle"));
    if (chip.closest("#case-head")) $("#case-news")?.append(make("p", chip.textContent.replace(/\s+/g, " ").trim(), { class: "visually-hidden" }));
  };
  setInterval(retell, 30000);

  // ---- htmx ---------------------------------------------------------------------------------------------------------
  const on = (name, act) => document.addEventListener(name, act);
  on("htmx:sendError", () => toast(words.unreachable));
  on("htmx:timeout", () => toast(words.unreachable));
  // A form that comes back with what was typed is shown whatever its status; it says itself what went wrong.
  on("htmx:beforeSwap", (event) => { if (event.detail.xhr.getResponseHeader("X-Kept")) { event.detail.shouldSwap = true; event.detail.isError = false; } });
  on("htmx:responseError", () => toast(words.fault));
  on("htmx:confirm", (event) => {
    const source = event.target;
    const replaced = (form) => event.detail.target?.contains(form) && !form.contains(source) && unsaid(form);
    const sentence = source.dataset?.confirm || event.detail.triggeringEvent?.submitter?.dataset.confirm || ([...dirty].some(replaced) && words.lost);
    if (!sentence || source.matches("form")) return; // a form was asked about when it was submitted
    event.preventDefault();
    asking(sentence).then((sure) => { if (sure) event.detail.issueRequest(true); });
  });
  on("htmx:afterRequest", (event) => { if (event.detail.successful) dirty.delete(event.detail.elt.closest("form")); });
  // What somebody has unfolded stays unfolded when news put the part anew.
  on("htmx:oobBeforeSwap", (event) => {
    for (const folded of $$("details[open][id]", event.detail.target)) {
      const fresh = event.detail.fragment.querySelector(`details[id="${folded.id}"]`);
      if (fresh) fresh.open = true;
    }
  });
  // The detail's target is gone where it was replaced; and before htmx has settled, it puts the marks of a field back.
  on("htmx:afterSettle", (event) => ($("[aria-invalid=true]", event.target) ?? $("[autofocus]", event.target))?.focus());
  // What is being put right is not marked as wrong any more; whether it is right says the next sending.
  on("input", (event) => {
    if (event.target.getAttribute?.("aria-invalid") !== "true") return;
    event.target.removeAttribute("aria-invalid");
    event.target.classList.remove("is-invalid");
    document.getElementById(`${event.target.id}-fault`)?.remove();
  });
  on("htmx:sseError", () => { $("#live").hidden = false; });
  on("htmx:sseOpen", () => { $("#live").hidden = true; });

  // What scrolls sideways can be reached by the keyboard.
  const reachable = () => {
    for (const part of $$("main *")) {
      const scrolls = part.scrollWidth > part.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(part).overflowX);
      if (scrolls && !part.hasAttribute("tabindex") && !part.matches("textarea, input, select")) part.tabIndex = 0;
    }
  };
  reachable();
  window.addEventListener("resize", reachable);
  on("htmx:afterSettle", reachable);

  // On a phone the lists are folded until asked for.
  const aside = $("[data-aside]");
  if (aside && matchMedia("(max-width: 61.99rem)").matches) aside.open = false;
  retell();
})();
