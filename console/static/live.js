// Pages that follow what happens, over the server-sent events of htmx's extension. A browser keeps six connections to one
// host for all its windows: a window nobody looks at gives its own back, and looks anew when it is shown again.
(() => {
  "use strict";
  const PATIENCE = 20000; // hidden for so many milliseconds, a window stops listening
  const sources = new Set();

  // What the extension takes for an EventSource: it outlives the connection below it.
  class Source {
    constructor(address) {
      this.address = address;
      this.heard = [];
      sources.add(this);
      if (!document.hidden) this.wake();
    }
    get readyState() { return this.below ? this.below.readyState : EventSource.CONNECTING; }
    wake() {
      if (this.below || this.closed) return;
      this.below = new EventSource(this.address);
      this.below.onopen = (event) => this.onopen?.(event);
      this.below.onerror = (event) => this.onerror?.(event);
      for (const [name, act] of this.heard) this.below.addEventListener(name, act);
    }
    sleep() { this.below?.close(); this.below = null; }
    addEventListener(name, act) { this.heard.push([name, act]); this.below?.addEventListener(name, act); }
    removeEventListener(name, act) {
      this.heard = this.heard.filter(([other, one]) => other !== name || one !== act);
      this.below?.removeEventListener(name, act);
    }
    catchUp() { for (const [name, act] of [...this.heard]) act(new MessageEvent(name)); }
    close() { this.closed = true; this.sleep(); sources.delete(this); }
  }
  window.htmx.createEventSource = (address) => new Source(address);

  let falling;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(falling);
    if (document.hidden) { falling = setTimeout(() => sources.forEach((one) => one.sleep()), PATIENCE); return; }
    for (const one of sources) if (!one.below) { one.wake(); one.catchUp(); }
  });

  // News that could not be fetched are asked for again, ever later, until they come: the event was told only once.
  const again = new WeakMap();
  const retry = (event) => {
    const part = event.detail.elt;
    if (!part.matches("[data-news]")) return;
    const wait = Math.min((again.get(part) ?? 1000) * 2, 30000);
    again.set(part, wait);
    setTimeout(() => { if (part.isConnected) window.htmx.trigger(part, "again"); }, wait);
  };
  document.addEventListener("htmx:sendError", retry);
  document.addEventListener("htmx:responseError", retry);
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) again.delete(event.detail.elt); });
})();
