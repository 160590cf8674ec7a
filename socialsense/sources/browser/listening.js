// Runs before a page's own scripts. It keeps what the page is sent, and lets a list of posts go
// on where it was left: the page's own next request, known by the cursor in it, asks from there.
(() => {
  "use strict";
  const MOST = 64, LONGEST = 16 * 2 ** 20, NUDGE = 250;
  const TEXT = /^$|json|javascript|text|xml/;
  const scripts = new Set();
  const kept = [];
  let running = 0;
  let moved = 0;
  let turn = null;
  let wake = () => {};

  // The page's own loader may take its data away: what stood there once is remembered.
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes)
        if (node.nodeName === "SCRIPT" && node.hasAttribute("data-sjs")) scripts.add(node);
  }).observe(document, { childList: true, subtree: true });

  const holds = (text, cursor) => text === cursor || text.includes(JSON.stringify(cursor));
  const replaced = (text, { from, to }) =>
    text === from ? to : text.replaceAll(JSON.stringify(from), () => JSON.stringify(to));

  // Values of an address or a form, each noted; where one holds the cursor it is turned.
  function passed(request, fields) {
    let hit = false;
    for (const [name, value] of [...fields]) {
      if (typeof value !== "string") continue;
      request.values.push(value);
      if (!turn || !holds(value, turn.from)) continue;
      fields.set(name, replaced(value, turn));
      request.turned = hit = true;
    }
    return hit;
  }

  function withAddress(request, address) {
    const url = new URL(address, location.href);
    return passed(request, url.searchParams) ? url.href : address;
  }

  function withBody(request, body) {
    if (body instanceof URLSearchParams || body instanceof FormData) passed(request, body);
    if (typeof body !== "string") return body;
    if (body.trimStart().startsWith("{")) {
      request.values.push(body);
      request.turned ||= turn !== null && holds(body, turn.from);
      return turn ? replaced(body, turn) : body;
    }
    const form = new URLSearchParams(body);
    return passed(request, form) ? form.toString() : body;
  }

  function begin(request) {
    if (request.turned) turn = null;
    running += 1;
    moved = performance.now();
  }

  function end(request, status, address, kind, body) {
    running -= 1;
    moved = performance.now();
    const whole = status > 0 && body.length <= LONGEST;
    if (TEXT.test(kind)) kept.push({ ...request, status, address, whole, body: whole ? body : "" });
    if (kept.length > MOST) kept.shift();
    wake();
  }

  const fetched = window.fetch;
  window.fetch = function (input, init) {
    const request = { values: [], turned: false };
    const given = input instanceof Request ? input.url : String(input);
    const address = withAddress(request, given);
    const body = withBody(request, init?.body);
    if (address !== given) input = input instanceof Request ? new Request(address, input) : address;
    const answer = fetched.call(this, input, body === init?.body ? init : { ...init, body });
    begin(request);
    answer.then(async (response) => {
      const kind = response.headers.get("content-type") || "";
      const text = TEXT.test(kind) ? await response.clone().text() : "";
      end(request, response.status, response.url, kind, text);
    }).catch(() => end(request, 0, address, "", ""));
    return answer;
  };

  const requests = new WeakMap();
  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    const request = { values: [], turned: false };
    requests.set(this, request);
    return open.call(this, method, withAddress(request, String(address)), ...rest);
  };
  XMLHttpRequest.prototype.send = function (body) {
    const request = requests.get(this);
    if (!request) return send.call(this, body);
    const changed = withBody(request, body);
    begin(request);
    this.addEventListener("loadend", () => {
      const kind = this.getResponseHeader("content-type") || "";
      end(request, this.status, this.responseURL, kind, textOf(this));
    }, { once: true });
    return send.call(this, changed);
  };

  function textOf(answered) {
    const { responseType, response } = answered;
    if (responseType === "" || responseType === "text") return answered.responseText;
    if (responseType === "json") return response === null ? "" : JSON.stringify(response);
    return response instanceof ArrayBuffer ? new TextDecoder().decode(response) : "";
  }

  function page() {
    const plain = document.contentType !== "text/html";
    const data = [...scripts].map(
      (script) => `<script data-sjs>${script.textContent.replaceAll("</", "<\\/")}</script>`
    );
    return {
      status: performance.getEntriesByType("navigation")[0]?.responseStatus || 0,
      address: location.href,
      whole: document.readyState !== "loading" && location.protocol !== "chrome-error:",
      body: plain ? document.body?.innerText || "" : `<html>${data.join("")}</html>`,
    };
  }

  function toTheEnd() {
    window.scrollBy(0, -200);
    window.scrollTo(0, document.documentElement.scrollHeight);
    window.dispatchEvent(new Event("scroll"));
  }

  // The next answer; null once `patience` has passed, or all has been quiet for `quiet` (both
  // in ms). `cursor`: its request is marked; `to`: it asks from there instead.
  function next({ cursor, to, scroll, patience, quiet }) {
    const until = performance.now() + patience;
    moved = performance.now();
    turn = to === null ? null : { from: cursor, to };
    const idle = () =>
      !running && document.readyState === "complete" && performance.now() - moved > quiet;
    return new Promise((resolve) => {
      const look = () => {
        if (!kept.length && performance.now() < until && !idle()) return;
        clearInterval(timer);
        wake = () => {};
        const { values = [], ...answer } = kept.shift() || {};
        const asked = cursor !== null && values.some((value) => holds(value, cursor));
        resolve("body" in answer ? { ...answer, asked } : null);
      };
      const timer = setInterval(() => {
        if (scroll && !running && !kept.length) toTheEnd();
        look();
      }, NUDGE);
      wake = look;
      if (scroll && !kept.length) toTheEnd();
      look();
    });
  }

  Object.defineProperty(window, "__listening", { value: { page, next } });
})();
