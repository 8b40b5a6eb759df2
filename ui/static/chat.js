// 问答: labels that open their rows, ratings, copying, what is taken away, keys.
"use strict";

(() => {
  const w = window.wence;
  const forget = w.draft("question");
  let at = 0; // which earlier question ↑ has brought back

  const article = (element) => element.closest("article.turn");
  const said = (element) => JSON.parse(article(element).dataset.turn);
  const latest = () => [...document.querySelectorAll("article.turn")].at(-1);

  // What is asked while the kept conversation is still on its way waits for it: it would be lost under it.
  let restored = false;
  const held = [];
  const afterwards = (send) => { if (restored) send(); else held.push(send); };
  w.restored = () => {
    restored = true;
    held.splice(0).forEach((send) => send());
  };
  // An event that never comes back (the service was restarted meanwhile) must not hold a question for ever.
  w.ready("#question textarea", () => setTimeout(() => { if (!restored) w.restored(); }, 8000));

  // After an answer: the box is ready for the next question, the answer is read out.
  const next = []; // questions of a link that are still to be asked
  let heard = 0; // answers that have come
  w.answered = () => {
    heard += 1;
    if (next.length) { w.press("ask", next.shift()); return; }
    if (w.box("question")?.value === "") forget();
    const answer = latest()?.querySelector(".answer")?.innerText;
    if (answer) w.tell(answer.slice(0, 600));
    if (!document.querySelector("dialog[open]")) w.box("question")?.focus({ preventScroll: true });
  };

  /** Bring `element` to the head of what scrolls: its holder, or on a telephone the page. */
  const scroll = (holder, element) => {
    if (holder.scrollHeight > holder.clientHeight + 1) holder.scrollTop += element.getBoundingClientRect().top - holder.getBoundingClientRect().top - 6;
    else element.scrollIntoView({ block: "nearest" });
  };
  // Another tab has gone on with the conversation: this one takes it up when it is looked at again.
  let stale = false;
  window.addEventListener("storage", (event) => { if (event.key === "wence-conversation") stale = true; });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && stale && !latest()?.dataset.writing) location.reload();
  });

  // The newest question stays at the head of what is seen while its answer grows.
  let turns = 0;
  w.ready("#log", (holder) => {
    new MutationObserver(() => {
      const now = holder.querySelectorAll("article.turn").length;
      if (now !== turns && now) scroll(holder, latest());
      turns = now;
    }).observe(holder, { childList: true, subtree: true });
  });
  w.ready("#evidence", (panel) => { // it scrolls, also by keyboard
    panel.tabIndex = 0;
    panel.setAttribute("role", "region");
    panel.setAttribute("aria-label", "依据");
  });
  /** Ask what a link asks. Gradio may not hear the first press of a page; while it works on one it hears no other. */
  const begin = (text) => {
    const before = heard;
    w.press("ask", text);
    let left = 4;
    const again = setInterval(() => {
      if (heard > before || left === 0) { clearInterval(again); return; }
      left -= 1;
      w.press("ask", text);
    }, 3000);
  };
  w.ready("#question textarea", () => {
    // A link to a question (q) after earlier ones (h): they are asked, in their order.
    const given = new URLSearchParams(location.search);
    if (!given.get("q")) return;
    history.replaceState(null, "", location.pathname);
    next.push(...[...given.getAll("h").slice(-20), given.get("q")].map((text) => text.slice(0, 2000)));
    afterwards(() => begin(next.shift()));
  });

  /** Light the row `row` of the panel; of an older answer after it has been fetched again. */
  const open = (n, row) => {
    const panel = document.querySelector("#evidence .cited");
    if (panel?.dataset.turn !== String(n)) {
      const wait = new MutationObserver(() => {
        if (document.querySelector("#evidence .cited")?.dataset.turn !== String(n)) return;
        wait.disconnect();
        light(row);
      });
      wait.observe(document.getElementById("evidence"), { childList: true, subtree: true });
      w.press("look", n);
      return;
    }
    light(row);
  };
  const light = (row) => {
    document.querySelectorAll("#evidence .lit").forEach((lit) => lit.classList.remove("lit"));
    const found = document.getElementById(`row-${row}`);
    if (!found) return;
    found.closest("details")?.setAttribute("open", "");
    found.classList.add("lit");
    found.scrollIntoView({ block: "center" });
    found.focus({ preventScroll: true });
  };

  const rate = async (element, thumb, reason) => {
    const turn = said(element);
    const n = Number(article(element).dataset.n);
    const history = [...document.querySelectorAll("article.turn")].slice(0, n).map((one) => JSON.parse(one.dataset.turn).question);
    const left = await w.post("./v1/feedback", { thumb, reason, ...turn, history: history.slice(-50) });
    if (!left) return;
    w.tell("反馈已记下，谢谢。");
    w.press("rate", { n, thumb, reason, rating: left.id });
  };
  const withdraw = async (button) => {
    const address = `./v1/feedback/${button.dataset.rating}?request=${said(button).request}`;
    if (!(await w.send(address, "DELETE"))) return;
    w.tell("评价已经撤回。");
    w.press("rate", { n: Number(article(button).dataset.n), thumb: "" });
  };

  document.addEventListener("click", async (event) => {
    if (event.detail > 1) return; // the second of a double click
    const cite = event.target.closest?.("a.cite");
    if (cite) {
      event.preventDefault();
      open(Number(article(cite).dataset.n), cite.dataset.row);
      return;
    }
    if (event.target.closest?.("a.back")) {
      event.preventDefault();
      (document.querySelector(`article.turn[data-n="${document.querySelector("#evidence .cited")?.dataset.turn}"]`) || latest())?.scrollIntoView();
      w.box("question")?.focus({ preventScroll: true });
      return;
    }
    const button = event.target.closest?.("#chat [data-do]");
    if (!button) return;
    const what = button.dataset.do;
    if (what === "ask") afterwards(() => w.press("ask", button.textContent));
    if (what === "clear") { forget(); w.press("clear"); w.box("question")?.focus(); }
    if (what === "export") w.press("export");
    if (what === "withdraw") withdraw(button);
    if (what === "up") rate(button, "up", "");
    if (what === "down") {
      const form = button.parentElement.querySelector("form.why");
      form.hidden = !form.hidden;
      button.setAttribute("aria-expanded", String(!form.hidden));
      if (!form.hidden) form.querySelector("input").focus();
    }
    if (what === "copy") {
      const holder = article(button);
      const done = await w.copy(holder.dataset.copied, holder.dataset.copiedHtml);
      const words = done ? "已复制，含依据" : "没能复制，请手工选取";
      button.textContent = words;
      w.tell(words);
    }
    if (what === "xlsx") w.download("./v1/measures.xlsx", { id: button.dataset.ids.split(" ") });
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("form.why");
    if (!form) return;
    event.preventDefault();
    const reasons = [...form.querySelectorAll("[name=reason]:checked")].map((one) => one.value);
    const more = form.elements.more.value.trim();
    rate(form, "down", [...reasons, ...(more ? [more] : [])].join("；"));
  });

  w.exported = async (past) => {
    const turns = JSON.parse(past || "[]");
    if (!turns.length) { w.say("还没有对话可以导出。"); return; }
    await w.download("./export/conversation.docx", { turns });
  };

  // Keys -------------------------------------------------------------------------------------------
  w.key("Enter", "发送问题（在输入框里；Shift+回车换行）", (event) => {
    if (restored || event.shiftKey || event.target !== w.box("question")) return false;
    held.push(() => document.querySelector("#question .submit-button")?.click());
    return true;
  }, { anywhere: true });
  w.key("/", "回到输入框", () => w.box("question").focus());
  w.key("1", "打开最近答复的第几条依据", () => false);
  for (let n = 1; n <= 9; n += 1) {
    w.key(String(n), "", () => {
      const last = latest();
      if (!last || !last.querySelector("a.cite")) return false;
      open(Number(last.dataset.n), n);
      return true;
    });
  }
  w.key("Escape", "停止撰写；从依据回到输入框", (event) => {
    if (document.getElementById("stop") && latest()?.dataset.writing) w.press("stop");
    if (event.target.closest?.("form.why")) event.target.closest("form.why").hidden = true;
    w.box("question").focus();
  }, { anywhere: true });
  w.key("ArrowUp", "输入框空着时取回上一个问题", (event) => {
    const box = w.box("question");
    if (event.target !== box) return false;
    const before = [...document.querySelectorAll("article.turn")].map((one) => JSON.parse(one.dataset.turn).question);
    if (!before.length || (box.value && box.value !== before[at])) return false;
    at = box.value ? Math.max(at - 1, 0) : before.length - 1;
    w.type("question", before[at]);
    return true;
  }, { anywhere: true });
})();
