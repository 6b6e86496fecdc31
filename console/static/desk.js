// The desk's behaviour over plain pages: every link and form works without it. No framework, nothing inline.
// Marks it knows: data-key="r" | "g q" (shortcut; the sheet lists them from the page), data-key-name, data-palette,
// data-open="id" (a dialog), data-rows (j/k/Enter/x), data-copy, data-confirm, data-draft="/address", <time data-left>,
// data-names="id" (where a file input tells its files), data-guard (text that must not get lost).
(() => {
  "use strict";
  const $ = (what, where = document) => where.querySelector(what);
  const $$ = (what, where = document) => [...where.querySelectorAll(what)];
  const words = $("#desk-words")?.dataset ?? {};
  const shown = (element) => element.getClientRects().length > 0;
  const text = (element) => (element.dataset.keyName || element.getAttribute("aria-label") || element.textContent || element.title).replace(/\s+/g, " ").trim();
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

  // ---- shortcuts -------------------------------------------------------------------------------------------------
  const typing = (target) => target.closest?.("input:not([type=checkbox],[type=radio],[type=button],[type=submit]), textarea, select, [contenteditable]");
  let pending = "";
  const keyed = (keys) => $$("[data-key]").find((element) => element.dataset.key === keys && !element.disabled && (shown(element) || element.closest(".menu, .aside")));
  const use = (element) => {
    const folded = element.closest("details:not([open])");
    if (folded && element.tagName !== "A") folded.open = true;
    if (element.matches("input:not([type=checkbox],[type=radio]), textarea, select")) { element.focus(); element.select?.(); } else element.click();
  };
  const rows = () => $$("[data-rows] > *").filter((row) => row.dataset.row !== undefined || row.matches("tr"));
  const rowNow = () => $(".row-now");
  const step = (by) => {
    const all = rows();
    if (!all.length) return false;
    const now = all.indexOf(rowNow());
    const next = all[Math.max(0, Math.min(all.length - 1, now < 0 ? 0 : now + by))];
    rowNow()?.classList.remove("row-now");
    next.classList.add("row-now");
    next.scrollIntoView({ block: "nearest" });
    $("a[href]", next)?.focus({ preventScroll: true });
    return true;
  };
  const builtIn = {
    "?": () => openDialog("keys"),
    j: () => step(1),
    k: () => step(-1),
    Enter: () => { const link = rowNow() && document.activeElement === document.body && $("a[href]", rowNow()); link?.click(); return Boolean(link); },
    x: () => { const box = rowNow() && $("input[type=checkbox]", rowNow()); box?.click(); return Boolean(box); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      if (openDialog("palette")) event.preventDefault();
      return;
    }
    if (event.key === "Escape") {
      const menu = event.target.closest?.("details.menu[open]");
      if (menu) { menu.open = false; $("summary", menu).focus(); }
      if (typing(event.target) && !event.target.closest("dialog")) event.target.blur();
      pending = "";
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
    const keys = pending ? `${pending} ${event.key}` : event.key;
    pending = "";
    const element = keyed(keys);
    if (element) { event.preventDefault(); use(element); return; }
    if (!keys.includes(" ") && $$("[data-key]").some((other) => other.dataset.key.startsWith(`${keys} `))) {
      pending = keys;
      setTimeout(() => { if (pending === keys) pending = ""; }, 1500);
      return;
    }
    if (builtIn[keys]?.()) event.preventDefault();
  });

  // ---- sheets: shortcuts, palette, confirmation -------------------------------------------------------------------
  const openDialog = (id) => {
    const dialog = document.getElementById(id);
    if (!dialog || dialog.open || $("dialog[open]")) return false;
    if (id === "keys") listKeys();
    dialog.showModal();
    if (id === "palette") { $("#palette-input").value = ""; listPlaces(); }
    return true;
  };
  const listKeys = () => {
    const known = new Map([["?", words.sheet], ["Ctrl K", words.palette], ["Esc", words.escape]]);
    if (rows().length) for (const [key, name] of [["j", words.next], ["k", words.previous], ["Enter", words.open], ["x", words.select]]) known.set(key, name);
    for (const element of $$("[data-key]")) if (!known.has(element.dataset.key)) known.set(element.dataset.key, text(element));
    const list = $("#keys-list");
    list.replaceChildren();
    for (const [keys, name] of known) {
      const term = make("dt", "");
      keys.split(" ").forEach((key) => term.append(make("kbd", key), " "));
      list.append(term, make("dd", name));
    }
  };
  const listPlaces = () => {
    const asked = $("#palette-input").value.trim();
    const list = $("#palette-list");
    list.replaceChildren();
    const add = (label, act) => {
      const entry = make("li", label, { role: "option", id: `palette-${list.children.length}`, "aria-selected": "false" });
      entry.addEventListener("click", () => { $("#palette").close(); act(); });
      list.append(entry);
    };
    const number = /^(?:(20\d\d)-?)?(\d{1,6})$/.exec(asked);
    if (number) {
      const whole = `${number[1] || new Date().getFullYear()}-${number[2].padStart(6, "0")}`;
      add(fill(words.go, whole), () => location.assign(`/case/${whole}`));
    }
    const seen = new Set();
    for (const element of $$("[data-palette]")) {
      const label = text(element);
      if (seen.has(label) || element.disabled || (asked && !label.toLowerCase().includes(asked.toLowerCase()))) continue;
      seen.add(label);
      add(label, () => use(element));
    }
    if (asked) add(fill(words.find, asked), () => location.assign(`/queue/all?q=${encodeURIComponent(asked)}`));
    point(0);
  };
  const point = (index) => {
    const all = $$("#palette-list li");
    if (!all.length) return;
    const at = (index + all.length) % all.length;
    all.forEach((entry, i) => entry.setAttribute("aria-selected", String(i === at)));
    all[at].scrollIntoView({ block: "nearest" });
    $("#palette-input").setAttribute("aria-activedescendant", all[at].id);
  };
  $("#palette-input")?.addEventListener("input", listPlaces);
  $("#palette-input")?.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = $$("#palette-list li");
    const now = all.findIndex((entry) => entry.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") point(now + 1);
    else if (event.key === "ArrowUp") point(now - 1);
    else if (event.key === "Enter") all[now]?.click();
    else return;
    event.preventDefault();
  });
  const asking = (sentence) => new Promise((answer) => {
    const dialog = $("#confirm");
    $("#confirm-text").textContent = sentence;
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });

  document.addEventListener("click", async (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) { openDialog(opener.dataset.open); return; }
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      event.preventDefault();
      await navigator.clipboard?.writeText(copy.dataset.copy).then(() => toast(words.copied, false), () => {});
      return;
    }
    if (event.target.matches?.("dialog.sheet")) event.target.close();
    for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
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
  window.addEventListener("beforeunload", (event) => {
    const lost = [...dirty].some((form) => form.isConnected && $$("textarea, input[type=text], input:not([type])", form).some((field) => field.value !== field.defaultValue));
    if (lost && !sending) event.preventDefault();
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
    if (minutes < 90) return fill(words[`minutes${way}`], minutes);
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
      if (chip && Date.parse(time.dateTime) < now) { chip.classList.remove("chip-ok", "chip-soon"); chip.classList.add("chip-overdue"); }
    }
  };
  setInterval(retell, 30000);

  // ---- htmx ---------------------------------------------------------------------------------------------------------
  const on = (name, act) => document.addEventListener(name, act);
  on("htmx:sendError", () => toast(words.unreachable));
  on("htmx:timeout", () => toast(words.unreachable));
  on("htmx:responseError", () => toast(words.fault));
  on("htmx:confirm", (event) => {
    const source = event.target;
    const sentence = source.dataset?.confirm || event.detail.triggeringEvent?.submitter?.dataset.confirm;
    if (!sentence || source.matches("form")) return; // a form was asked about when it was submitted
    event.preventDefault();
    asking(sentence).then((sure) => { if (sure) event.detail.issueRequest(true); });
  });
  on("htmx:afterRequest", (event) => { if (event.detail.successful) dirty.delete(event.detail.elt.closest("form")); });
  on("htmx:afterSwap", (event) => $("[aria-invalid=true], [autofocus]", event.detail.target)?.focus());
  on("htmx:sseError", () => { $("#live").hidden = false; });
  on("htmx:sseOpen", () => { $("#live").hidden = true; });

  // On a phone the lists are folded until asked for.
  const aside = $("[data-aside]");
  if (aside && matchMedia("(max-width: 61.99rem)").matches) aside.open = false;
  retell();
})();
