// Shortcuts and the two sheets that show them: "?" lists what this page offers, Ctrl/⌘-K goes anywhere.
// A page declares its keys itself: data-key="r" or "g q" on a link, button or field, data-key-name where its text is no
// name, data-focus="id" where the key leads into another field, data-palette where it belongs into the palette,
// data-open="id" to open a dialog. Rows lie in [data-rows]; the case opened from a list knows its neighbours there.
(() => {
  "use strict";
  const $ = (what, where = document) => where.querySelector(what);
  const $$ = (what, where = document) => [...where.querySelectorAll(what)];
  const words = $("#desk-words")?.dataset ?? {};
  const shown = (element) => element.getClientRects().length > 0;
  // What a link or button says, without its count and its own key.
  const said = (element) => {
    const bare = element.cloneNode(true);
    for (const beside of $$("kbd, .count", bare)) beside.remove();
    return bare.textContent;
  };
  const text = (element) => (element.dataset.keyName || element.getAttribute("aria-label") || said(element) || element.title).replace(/\s+/g, " ").trim();
  const fill = (sentence, n) => (sentence || "{n}").replace("{n}", n);
  const make = (tag, content, attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = content;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  // ---- shortcuts -------------------------------------------------------------------------------------------------
  // Who stands on a choice of a form that holds words is about to write: there every input counts, elsewhere only fields.
  const typing = (target) => target.closest?.("input:not([type=checkbox],[type=radio],[type=button],[type=submit]), textarea, select, [contenteditable], [data-draft] input, [data-guard] input");
  let pending = "";
  const keyed = (keys) => $$("[data-key]").find((element) => element.dataset.key === keys && !element.disabled && (shown(element) || element.closest(".menu, .aside")));
  const use = (element) => {
    const folded = element.closest("details:not([open])");
    if (folded && element.tagName !== "A") folded.open = true;
    if (element.matches("input:not([type=checkbox],[type=radio]), textarea, select")) { element.focus(); element.select?.(); } else element.click();
    document.getElementById(element.dataset.focus)?.focus();
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
  // The list one comes from, for this window: its address and its numbers in their order.
  const LIST = "redress-list";
  const remembered = () => { try { return JSON.parse(sessionStorage.getItem(LIST)) || {}; } catch { return {}; } };
  const here = /^\/case\/([\d-]+)$/.exec(location.pathname)?.[1];
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-rows] a[href^='/case/']")) return;
    const numbers = rows().map((row) => $("a[href^='/case/']", row)?.getAttribute("href").slice("/case/".length)).filter(Boolean);
    try { sessionStorage.setItem(LIST, JSON.stringify({ address: location.pathname + location.search, numbers: [...new Set(numbers)] })); } catch { /* a window without storage has no neighbours */ }
  }, true);
  const neighbour = (by) => {
    const { address, numbers = [] } = remembered();
    const now = numbers.indexOf(here);
    if (now < 0) return false;
    const next = numbers[now + by];
    location.assign(next ? `/case/${next}` : address); // after the last one the list again
    return true;
  };
  const builtIn = {
    ">": () => neighbour(1),
    "<": () => neighbour(-1),
    "?": () => openDialog("keys"),
    j: () => step(1),
    k: () => step(-1),
    Enter: () => { const link = rowNow() && document.activeElement === document.body && $("a[href]", rowNow()); if (link) link.click(); return Boolean(link); },
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
    if (here && remembered().numbers?.includes(here)) for (const [key, name] of [[">", words.nextCase], ["<", words.previousCase]]) known.set(key, name);
    for (const element of $$("[data-key]")) if (!known.has(element.dataset.key) && ![...known.values()].includes(text(element))) known.set(element.dataset.key, text(element));
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
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) openDialog(opener.dataset.open);
  });
})();
