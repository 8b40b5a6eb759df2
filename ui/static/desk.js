// 派单: the card after Enter, choosing a candidate, copying the text for the work order, keys.
"use strict";

(() => {
  const w = window.wence;
  w.draft("complaint");
  const result = () => document.getElementById("result");
  const current = () => result()?.querySelector(".candidate:not([hidden])");

  /** What the card says, for those who do not see it. */
  const told = (candidate) => {
    const all = result().querySelectorAll(".candidate").length;
    const basis = candidate.querySelector(".basis");
    const parts = [...basis.querySelectorAll("dt")].slice(0, -1).map((term) => `${term.textContent}：${term.nextElementSibling.textContent.trim()}`);
    return `候选${candidate.dataset.n}，共${all}个。${basis.querySelector(".level").textContent}，${parts.join("；")}`;
  };

  // After Enter: a new result has the focus, so that its keys count. Where none came, the box keeps it.
  // Gradio may keep the element and change what is in it: each result is told by its request.
  // What was dispatched is kept beside the draft: after a reload it is dispatched again.
  const SENT = "wence-desk-sent";
  let sending = "";
  const noting = () => { sending = w.box("complaint").value; };
  let before = "";
  w.ready("#desk-card", (holder) => {
    new MutationObserver(() => {
      const found = result();
      const request = found?.dataset.request || "";
      if (request && request !== before) {
        w.kept(sessionStorage, SENT, sending);
        found.focus({ preventScroll: true });
        const first = current();
        w.tell(first ? told(first) : found.querySelector(".none").textContent);
      }
      before = request;
    }).observe(holder, { childList: true, subtree: true, attributeFilter: ["data-request"] });
  });

  w.ready("#complaint .submit-button", (button) => {
    const sent = w.kept(sessionStorage, SENT);
    button.addEventListener("click", noting);
    if (sent && sent === w.box("complaint").value) setTimeout(() => button.click());
  });

  const choose = (n) => {
    const wanted = result()?.querySelector(`.candidate[data-n="${n}"]`);
    if (!wanted) return false;
    result().querySelectorAll(".candidate").forEach((one) => { one.hidden = one !== wanted; });
    result().querySelectorAll(".choice").forEach((one) => { one.setAttribute("aria-pressed", String(one.dataset.n === String(n))); });
    w.tell(told(wanted));
    return true;
  };

  const copy = async () => {
    const holder = current() || result();
    const text = holder?.querySelector(".paste pre")?.textContent;
    if (!text) return;
    const done = await w.copy(text);
    const words = done ? "已复制" : "没能复制，请手工选取";
    const button = holder.querySelector("[data-do=copy-dispatch]");
    button.replaceChildren(words);
    w.tell(done ? "派单文本已复制" : words);
  };

  const rate = async (holder, thumb, more = "") => {
    const candidate = holder.closest(".candidate");
    const { complaint, request } = result().dataset;
    const answer = candidate.querySelector(".paste pre").textContent;
    const left = await w.post("./v1/feedback", {
      thumb, question: complaint, answer, ids: candidate.dataset.ids.split(" "), route: "duty", request,
      reason: thumb === "down" ? `派单候选${candidate.dataset.n}不对${more && `；应派给：${more}`}` : "",
    });
    if (!left) return;
    holder.replaceChildren(thumb === "up" ? "已评：派得对" : `已评：派得不对${more && `（应派给：${more}）`}`);
    result()?.focus({ preventScroll: true }); // the keys count again
    w.tell("反馈已记下，谢谢。");
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#desk-card [data-do]");
    if (!button) return;
    const what = button.dataset.do;
    if (what === "choose") choose(button.dataset.n);
    if (what === "copy-dispatch") copy();
    const holder = button.closest(".rate");
    if (what === "desk-up") rate(holder, "up");
    if (what === "desk-down") why(holder, holder.querySelector("form").hidden);
  });
  /** Open or close the question why a candidate is wrong. */
  const why = (holder, open) => {
    const form = holder.querySelector("form");
    form.hidden = !open;
    holder.querySelector("[data-do=desk-down]").setAttribute("aria-expanded", String(open));
    if (open) form.elements.more.focus();
  };
  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("#desk-card form.why");
    if (!form) return;
    event.preventDefault();
    rate(form.parentElement, "down", form.elements.more.value.trim());
  });

  const back = (event) => {
    const form = event.target.closest?.("#desk-card form.why");
    if (form) why(form.parentElement, false);
    const box = w.box("complaint");
    box.focus();
    box.select();
  };
  w.names[1] = "1 至 5";
  w.key("Enter", "派单（在输入框里；Shift+回车换行）", (event) => {
    if (event.target === w.box("complaint") && !event.shiftKey) noting();
    return false;
  }, { anywhere: true });
  w.key("1", "选第几个候选", () => choose(1));
  for (let n = 2; n <= 5; n += 1) w.key(String(n), "", () => choose(n));
  w.key(["C", "c"], "复制派单文本", () => { if (!result()) return false; copy(); return true; });
  w.key(["/"], "回到输入框，选中其中的文字", back);
  w.key("Escape", "回到输入框，选中其中的文字", back, { anywhere: true });
})();
