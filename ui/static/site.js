// What all pages share: messages, a connection that breaks, copying, keys, drafts, light and dark.
// It runs before Gradio's own scripts, so that Gradio's requests go through the `fetch` below.
"use strict";

window.wence = (() => {
  const page = { given: {}, keys: [] };
  const kept = (store, name, value) => {
    try {
      if (value === undefined) return store.getItem(name);
      if (value === null) store.removeItem(name); else store.setItem(name, value);
    } catch { /* a browser that keeps nothing */ }
    return null;
  };

  // Messages ---------------------------------------------------------------------------------------
  /** One sentence at the head of the page; an empty one takes it away. `link` is [words, address]. */
  page.say = (sentence, link) => {
    const banner = document.getElementById("banner");
    if (!banner) return;
    banner.replaceChildren(sentence);
    if (link) {
      const a = Object.assign(document.createElement("a"), { textContent: link[0], href: link[1] });
      banner.append(" ", a);
    }
    banner.hidden = !sentence;
  };
  /** Tell screen readers, and nobody else. */
  page.tell = (sentence) => {
    const live = document.getElementById("live");
    if (live) live.textContent = sentence;
  };

  // The connection ---------------------------------------------------------------------------------
  const LOST = "暂时连不上服务，您输入的文字还在；正在重新连接……";
  const BACK = "已重新连上，可以继续。";
  const EXPIRED = "登录已过期；您输入的文字还在。";
  const FAILED = "没有办成；您输入的文字还在，请再试一次，仍不行请告知管理员。";
  const plain = window.fetch.bind(window);
  let waiting = false;

  const awaitReturn = async () => {
    if (waiting) return;
    waiting = true;
    for (;;) {
      await new Promise((done) => setTimeout(done, 1000));
      try {
        if ((await plain("./readyz", { cache: "no-store" })).ok) break;
      } catch { /* still away */ }
    }
    waiting = false;
    page.say(BACK);
    page.tell(BACK);
  };
  const login = () => ["重新登录", "./login?next=" + encodeURIComponent(location.pathname + location.search)];

  /** Say why a response is none: its own sentence where it has one. */
  const explain = async (response) => {
    if (response.status === 401) { page.say(EXPIRED, login()); return; }
    let detail = "";
    try { detail = (await response.clone().json()).detail || ""; } catch { /* no problem document */ }
    if (!detail && response.status >= 502) { page.say(LOST); awaitReturn(); } else page.say(detail || FAILED);
  };

  window.fetch = async (input, init) => {
    const address = String(input instanceof Request ? input.url : input);
    const ours = address.includes("/gradio_api/") && !address.includes("/heartbeat/");
    try {
      const response = await plain(input, init);
      if (ours && !response.ok) await explain(response);
      else if (ours && !waiting && address.includes("/run/")) page.say("");
      return response;
    } catch (error) {
      if (!ours || error.name === "AbortError") throw error;
      page.say(LOST); page.tell(LOST); awaitReturn();
      // An answer that failed; were it an exception, Gradio would take no further event.
      return new Response(JSON.stringify({ error: null }), { status: 500, headers: { "content-type": "application/json" } });
    }
  };

  // Events -----------------------------------------------------------------------------------------
  /** Press the hidden button `id`; its event reads `wence.given[id]`, which is text (JSON of what is none). */
  page.press = (id, given = "") => {
    page.given[id] = typeof given === "string" ? given : JSON.stringify(given);
    const found = document.getElementById(id);
    (found?.matches("button") ? found : found?.querySelector("button"))?.click();
  };
  /** The text box inside the Gradio component `id`. */
  page.box = (id) => document.querySelector(`#${id} textarea, #${id} input`);
  /** Put `text` into it as if it had been typed. */
  page.type = (id, text) => {
    const box = page.box(id);
    if (!box) return;
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };

  // Copying and files ------------------------------------------------------------------------------
  /** Put text (and markup, for a word processor) on the clipboard; also where a page is not on https. */
  page.copy = async (text, markup) => {
    try {
      if (navigator.clipboard && window.ClipboardItem && markup) {
        const part = (value, type) => new Blob([value], { type });
        await navigator.clipboard.write([new ClipboardItem({
          "text/plain": part(text, "text/plain"), "text/html": part(markup, "text/html") })]);
        return true;
      }
      if (navigator.clipboard) { await navigator.clipboard.writeText(text); return true; }
    } catch { /* not allowed: the old way */ }
    const before = document.activeElement;
    const set = (event) => {
      event.preventDefault();
      event.clipboardData.setData("text/plain", text);
      if (markup) event.clipboardData.setData("text/html", markup);
    };
    document.addEventListener("copy", set, { once: true });
    const area = Object.assign(document.createElement("textarea"), { value: text });
    area.style.cssText = "position:fixed;opacity:0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    document.removeEventListener("copy", set);
    before?.focus?.({ preventScroll: true });
    return done;
  };
  /** What a request of ours (`body` as JSON) is answered with, or null, with the reason in the banner. */
  const answered = async (address, method, body) => {
    const how = body === undefined ? { method } :
      { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    let response;
    try { response = await plain(address, how); } catch { page.say(LOST); awaitReturn(); return null; }
    if (response.ok) return response;
    await explain(response);
    return null;
  };
  /** Take a file away: by GET, or by POST of `body`. */
  page.download = async (address, body) => {
    const response = await answered(address, body === undefined ? "GET" : "POST", body);
    if (!response) return false;
    const named = /filename\*=UTF-8''([^;]+)/i.exec(response.headers.get("content-disposition") || "");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = named ? decodeURIComponent(named[1]) : address.split(/[?]/)[0].split("/").pop();
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    return true;
  };
  /** Send `body` to our API; its answer, or null. */
  page.send = async (address, method, body) => (await answered(address, method, body))?.json() ?? null;
  /** Markup of ours, or null. */
  page.markup = async (address) => (await answered(address, "GET"))?.text() ?? null;
  page.post = (address, body) => page.send(address, "POST", body);

  // Keys -------------------------------------------------------------------------------------------
  const typing = (target) => target?.closest?.("input, textarea, select, [contenteditable=true]");
  /** A key: what it is called, what it does (as words), where it counts, and the handler.
   *  `anywhere` also while typing. A handler that returns false leaves the key to the browser. */
  page.key = (keys, words, handler, { anywhere = false } = {}) => page.keys.push({ keys: [].concat(keys), words, handler, anywhere });
  document.addEventListener("keydown", (event) => {
    const composing = event.isComposing || event.keyCode === 229;
    if (composing) { // an input method ends a word with Enter
      if (event.key === "Enter") event.stopImmediatePropagation();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    for (const key of page.keys) {
      if (!key.keys.includes(event.key) || (typing(event.target) && !key.anywhere)) continue;
      if (key.handler(event) !== false) { event.preventDefault(); event.stopPropagation(); return; }
    }
  }, true);
  const showKeys = () => {
    const dialog = document.getElementById("keys");
    const list = dialog.querySelector("dl");
    list.replaceChildren(...page.keys.filter((key) => key.words).flatMap((key) => {
      const term = document.createElement("dt");
      term.append(...key.keys.slice(0, 1).map((name) => Object.assign(document.createElement("kbd"), { textContent: NAMES[name] || name })));
      return [term, Object.assign(document.createElement("dd"), { textContent: key.words })];
    }));
    dialog.showModal();
  };
  const NAMES = { Escape: "Esc", Enter: "回车", ArrowUp: "↑", ArrowDown: "↓", 1: "1 至 9" };
  page.names = NAMES;
  page.key("?", "显示这张表", showKeys);

  // Light and dark ---------------------------------------------------------------------------------
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const shade = () => {
    const wanted = kept(localStorage, "wence-theme") || (dark.matches ? "dark" : "light");
    document.body?.classList.toggle("dark", wanted === "dark");
    document.documentElement.style.colorScheme = wanted;
    return wanted;
  };
  dark.addEventListener("change", shade);

  document.addEventListener("click", (event) => {
    const what = event.target.closest?.("[data-do]")?.dataset.do;
    if (what === "keys") showKeys();
    if (what === "theme") { kept(localStorage, "wence-theme", shade() === "dark" ? "light" : "dark"); shade(); }
  });

  // Drafts -----------------------------------------------------------------------------------------
  /** Keep what is typed into the box of `id` over a reload. */
  page.draft = (id) => {
    const name = `wence-draft-${id}`;
    document.addEventListener("input", (event) => {
      if (event.target.closest?.(`#${id}`)) kept(sessionStorage, name, event.target.value || null);
    });
    page.ready(`#${id} textarea, #${id} input`, (box) => {
      const text = kept(sessionStorage, name);
      if (text && !box.value) page.type(id, text);
    });
    return () => kept(sessionStorage, name, null);
  };

  // When Gradio has drawn the page -----------------------------------------------------------------
  const waitingFor = []; // pairs of a selector and what is done once such an element stands
  /** Do `then` with the element of `selector` as soon as there is one. */
  page.ready = (selector, then) => {
    const found = document.querySelector(selector);
    if (found) then(found); else waitingFor.push([selector, then]);
  };
  const look = () => {
    for (const pair of [...waitingFor]) {
      const found = document.querySelector(pair[0]);
      if (!found) continue;
      waitingFor.splice(waitingFor.indexOf(pair), 1);
      pair[1](found);
    }
  };
  page.ready(".page", () => { shade(); document.querySelector("main")?.setAttribute("id", "main"); });
  // What Gradio itself says of a failed event is not for readers; that one failed is.
  const failed = () => {
    const found = document.querySelector("[data-testid=status-tracker] .error:not([data-seen])");
    if (!found) return;
    found.dataset.seen = "1";
    if (document.getElementById("banner")?.hidden) page.say(FAILED);
  };
  // A list of choices scrolls, so a browser would step into it, and it is gone when its box is left.
  const unstep = () => document.querySelectorAll("ul[role=listbox]:not([tabindex])").forEach((list) => { list.tabIndex = -1; });
  document.addEventListener("DOMContentLoaded", () => {
    const changed = () => { failed(); unstep(); look(); };
    new MutationObserver(changed).observe(document.body, { childList: true, subtree: true });
    const title = document.querySelector("meta[name=wence-title]")?.content;
    const name = () => { if (title && document.title !== title) document.title = title; };
    new MutationObserver(name).observe(document.head, { childList: true, subtree: true, characterData: true });
    name();
  });
  page.kept = kept;
  return page;
})();
