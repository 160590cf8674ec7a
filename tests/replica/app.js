// The page's own script: shows what is embedded, fetches the next page at the end of the scroll.
"use strict";

const TIMELINE = "xdt_api__v1__feed__user_timeline_graphql_connection";
const KEYWORD = "xdt_fbsearch__top_serp_graphql";
const POLARIS = "polaris_ordered_timeline_connection";
const NAMES = {
  [KEYWORD]: "PolarisKeywordSearchExplorePageRelayPaginationQuery",
  [TIMELINE]: "PolarisProfilePostsTabContentQuery_connection",
  [POLARIS]: "PolarisLoggedOutDesktopWWWProfilePostsTabContentQuery_connection",
};
const state = { key: null, end: null, more: false, busy: false, id: null };
const main = document.createElement("main");

function find(value, keys) {
  if (value === null || typeof value !== "object") return null;
  for (const key of keys) if (value[key]) return [key, value[key], value];
  for (const inner of Object.values(value)) {
    const found = find(inner, keys);
    if (found) return found;
  }
  return null;
}

function tile(node) {
  const link = document.createElement("a");
  link.href = `/p/${node.code}/`;
  const image = document.createElement("img");
  image.loading = "lazy";
  image.alt = node.accessibility_caption || "";
  image.src = node.display_uri || node.image_versions2.candidates.at(-1).url;
  link.append(image);
  main.append(link);
}

function show(documents) {
  const found = find(documents, Object.keys(NAMES));
  if (!found) return false;
  const [key, connection, parent] = found;
  state.key = key;
  state.id = parent.id || state.id;
  state.end = connection.page_info.end_cursor;
  state.more = connection.page_info.has_next_page;
  for (const { node } of connection.edges) {
    if (node.code) tile(node);
    else for (const item of node.items || []) tile(item);
  }
  return true;
}

function variables() {
  const words = new URLSearchParams(location.search);
  const common = { after: state.end, first: state.key === KEYWORD ? 24 : 12 };
  if (state.key === KEYWORD) return { ...common, query: words.get("q") };
  if (state.key === POLARIS) return { ...common, id: state.id };
  return { ...common, username: location.pathname.split("/")[1], data: { count: 12 } };
}

function next() {
  if (state.busy || !state.more) return;
  state.busy = true;
  const body = new URLSearchParams({
    fb_api_req_friendly_name: NAMES[state.key],
    variables: JSON.stringify(variables()),
    doc_id: "10000000000000000",
  });
  const request = new XMLHttpRequest();
  request.open("POST", document.body.dataset.endpoint || "/api/graphql");
  request.setRequestHeader("x-ig-app-id", "936619743392459");
  request.setRequestHeader("x-fb-friendly-name", NAMES[state.key]);
  request.onloadend = () => {
    state.busy = false;
    if (request.status !== 200) return;
    try {
      const lines = request.responseText.replace(/^for \(;;\);/, "").split("\n");
      show(lines.map((line) => JSON.parse(line)));
    } catch (error) {
      console.warn("an answer that is none", error);
    }
  };
  request.send(body);
}

function dialog(label, choices, cookie) {
  if (document.cookie.includes(`${cookie}=`)) return;
  const box = document.createElement("div");
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-label", label);
  box.append(label);
  for (const choice of choices) {
    const button = document.createElement("button");
    button.textContent = choice;
    button.addEventListener("click", () => {
      document.cookie = `${cookie}=1; path=/; max-age=31536000`;
      box.remove();
    });
    box.append(button);
  }
  document.body.append(box);
}

const embedded = [...document.querySelectorAll("script[data-sjs]")].flatMap((element) => {
  try {
    return [JSON.parse(element.textContent)];
  } catch {
    return [];
  }
});
document.getElementById("mount_0_0_xx").append(main);
if (!show(embedded) && location.pathname === "/explore/search/keyword/") {
  Object.assign(state, { key: KEYWORD, more: true });
  next();
}
for (const event of ["scroll", "wheel"]) {
  window.addEventListener(event, () => {
    const left = document.documentElement.scrollHeight - window.innerHeight - window.scrollY;
    if (left < 40) next();
  });
}
const form = document.getElementById("login_form");
if (form) {
  // There is no submit button: Enter sends the form, and so does the thing that looks like one.
  const send = () => form.requestSubmit();
  form.querySelector("[role=button]").addEventListener("click", send);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); send(); }
  });
}
dialog("Allow the use of cookies?", ["Decline optional cookies", "Allow all cookies"], "consented");
if (location.pathname === "/" && document.cookie.includes("ds_user_id=")) {
  dialog("Turn on notifications", ["Turn On", "Not Now"], "notified");
}
