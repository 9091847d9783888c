// A citizen's phone. What is done goes to the simulator with `act`; what is shown comes from its
// feed alone, so that a second window shows the same. Nothing from the feed is read as HTML.
"use strict";

const $ = (id) => document.getElementById(id);
const chat = $("chat");
const TITLE = $("title").textContent;
const SIDES = { me: "me", hall: "hall", wechat: "wechat" };
const openid = citizen();
let follows = false;
let menuKnown = "";

function citizen() {
  const asked = new URLSearchParams(location.search).get("openid");
  const kept = asked || localStorage.getItem("openid") || "";
  const found = /^[A-Za-z0-9_-]{1,64}$/.test(kept) ? kept : anew();
  localStorage.setItem("openid", found);
  return found;
}

function anew() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return "oPhone" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function act(deed) {
  const answer = await fetch("/simulator/do", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ openid, ...deed }),
  });
  if (!answer.ok) notice((await answer.json()).error, "fault");
}

// --- what is shown -----------------------------------------------------------------------------

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function bubble(who, className, ...inside) {
  const line = make("li", SIDES[who] || "wechat");
  const box = make("div", `bubble ${className || ""}`.trim());
  box.append(...inside);
  line.append(box);
  chat.append(line);
  chat.scrollTop = chat.scrollHeight;
  return line;
}

function notice(text, className) {
  bubble("wechat", className, text);
}

// The only mark-up that WeChat shows in a text is the link.
function linked(text) {
  const found = document.createDocumentFragment();
  const link = /<a\s+[^>]*?href=(["'])(.*?)\1[^>]*>([\s\S]*?)<\/a>/gi;
  let end = 0;
  for (const match of text.matchAll(link)) {
    found.append(text.slice(end, match.index));
    found.append(anchor(match[2], match[3]));
    end = match.index + match[0].length;
  }
  found.append(text.slice(end));
  return found;
}

function anchor(address, text) {
  const readable = decoded(address);
  if (readable.startsWith("weixin://bizmsgmenu?")) return choice(readable, text);
  if (!/^https?:\/\//i.test(readable)) return text;
  const link = make("a", "", text);
  link.href = readable;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

function choice(address, text) {
  const query = new URLSearchParams(address.slice(address.indexOf("?") + 1));
  const link = make("a", "tap", text);
  link.href = "#";
  link.addEventListener("click", (event) => {
    event.preventDefault();
    act({
      what: "text",
      text: query.get("msgmenucontent") || text,
      menu_id: query.get("msgmenuid") || "",
    });
  });
  return link;
}

function decoded(text) {
  return text.replace(/&quot;/g, '"').replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

function picture(address) {
  const image = make("img");
  image.alt = "图片";
  image.addEventListener("load", () => { chat.scrollTop = chat.scrollHeight; });
  if (/^https?:\/\/|^\//i.test(address)) image.src = address;
  return image;
}

function media(item) {
  return picture(`/simulator/media/${encodeURIComponent(item.media_id)}`);
}

function card(article) {
  const box = anchor(article.url || "https://", "");
  const shown = typeof box === "string" ? make("div") : box;
  shown.className = "card";
  if (article.picture) shown.append(picture(article.picture));
  shown.append(make("strong", "", article.title));
  if (article.description) shown.append(make("span", "", article.description));
  return shown;
}

function menuMessage(item) {
  const lines = item.text.split("\n");
  const texts = new Map(item.choices.map((one) => [one.text, one]));
  return lines.map((line) => {
    const one = texts.get(line);
    if (!one) return make("div", "", line);
    const button = make("button", "choice", line);
    button.addEventListener("click", () => act({ what: "text", text: one.text, menu_id: one.number }));
    return button;
  });
}

function form(item) {
  const [title, ...lines] = item.text.split("\n");
  const list = make("dl");
  for (const line of lines) {
    const cut = line.indexOf("：");
    list.append(make("dt", "", line.slice(0, cut)), make("dd", "", line.slice(cut + 1)));
  }
  const parts = [make("strong", "", title), list];
  if (/^https?:\/\//i.test(item.url)) parts.push(anchor(item.url, "查看详情"));
  return parts;
}

const SHOW = {
  text: (item) => bubble(item.who, "text", linked(item.text)),
  voice: (item) => bubble(item.who, "voice", `🔊 ${item.text || "（没有听出话来）"}`),
  image: (item) => bubble(item.who, "picture", media(item)),
  video: (item) => bubble(item.who, "video", "🎬 视频"),
  music: (item) => bubble(item.who, "music", `🎵 ${item.text}`),
  link: (item) => bubble(item.who, "link", anchor(item.url, item.text)),
  location: (item) => bubble(item.who, "location", `📍 ${item.text || `${item.latitude}, ${item.longitude}`}`),
  news: (item) => bubble(item.who, "cards", ...item.articles.map(card)),
  msgmenu: (item) => bubble(item.who, "menu", ...menuMessage(item)),
  template: (item) => bubble(item.who, "form", ...form(item)),
  subscribe: (item) => bubble(item.who, "form", ...form(item)),
  fault: (item) => { bubble("wechat", "fault", item.text).title = item.reason || ""; },
  notice: (item) => {
    if (item.text === "你已关注该公众号") setFollows(true);
    if (item.text === "你已取消关注") setFollows(false);
    notice(item.text);
  },
  transfer_customer_service: () => notice("已转接人工客服"),
  typing: (item) => { $("title").textContent = item.on ? "对方正在输入…" : TITLE; },
};

function show(item) {
  if (item.kind !== "typing" && item.who === "hall") $("title").textContent = TITLE;
  (SHOW[item.kind] || ((one) => notice(`（${one.kind}）`)))(item);
}

function setFollows(now) {
  follows = now;
  $("follow").textContent = now ? "取消关注" : "关注";
}

// --- the account's menu ------------------------------------------------------------------------

function press(button) {
  for (const list of $("menu").querySelectorAll("ul")) list.hidden = true;
  if (button.type === "view") {
    act({ what: "view", url: button.url });
    window.open(button.url, "_blank", "noopener");
  } else {
    act({ what: "click", key: button.key });
  }
}

function menuEntry(button) {
  const entry = make("div");
  const top = make("button", "", button.name);
  entry.append(top);
  const below = button.sub_button || [];
  if (!below.length) {
    top.addEventListener("click", () => press(button));
    return entry;
  }
  const list = make("ul");
  list.hidden = true;
  for (const one of below) {
    const line = make("li");
    const inner = make("button", "", one.name);
    inner.addEventListener("click", () => press(one));
    line.append(inner);
    list.append(line);
  }
  top.textContent = `≡ ${button.name}`;
  top.addEventListener("click", () => {
    const open = list.hidden;
    for (const other of $("menu").querySelectorAll("ul")) other.hidden = true;
    list.hidden = !open;
  });
  entry.append(list);
  return entry;
}

function showMenu(visible) {
  $("menu").hidden = !visible;
  $("write").hidden = visible;
  $("switch").textContent = visible ? "⌨" : "≡";
}

async function loadMenu() {
  const text = await (await fetch("/simulator/menu")).text();
  if (text === menuKnown) return;
  menuKnown = text;
  const buttons = JSON.parse(text).button;
  $("menu").replaceChildren(...buttons.map(menuEntry));
  $("switch").hidden = !buttons.length;
  showMenu(buttons.length > 0);
}

// --- what is done ------------------------------------------------------------------------------

$("switch").addEventListener("click", () => showMenu($("menu").hidden));
$("more").addEventListener("click", () => {
  for (const list of $("menu").querySelectorAll("ul")) list.hidden = true;
  $("panel").hidden = !$("panel").hidden;
  $("more").setAttribute("aria-expanded", String(!$("panel").hidden));
  chat.scrollTop = chat.scrollHeight;
});
$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (text) act({ what: "text", text });
  $("text").value = "";
});
for (const one of document.querySelectorAll("#panel form[data-what]")) {
  one.addEventListener("submit", (event) => {
    event.preventDefault();
    act({ what: one.dataset.what, ...Object.fromEntries(new FormData(one)) });
  });
}
$("picture").addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = event.target.elements.file.files[0];
  const answer = await fetch(`/simulator/picture?openid=${openid}`, {
    method: "POST",
    headers: { "Content-Type": file.type },
    body: file,
  });
  const found = await answer.json();
  if (found.errcode || found.error) notice(`图片发不出去：${found.errmsg || found.error}`, "fault");
});
$("follow").addEventListener("click", () => act({ what: follows ? "unfollow" : "follow" }));
$("anew").addEventListener("click", () => {
  localStorage.setItem("openid", anew());
  location.search = "";
});

// --- the feed ----------------------------------------------------------------------------------

const feed = new EventSource(`/simulator/feed?openid=${openid}`);
let greeted = false;
feed.addEventListener("message", (event) => show(JSON.parse(event.data)));
feed.addEventListener("ready", (event) => {
  setFollows(JSON.parse(event.data).follows);
  if (!greeted && JSON.parse(event.data).anew) act({ what: "follow" });
  greeted = true;
});
loadMenu();
setInterval(loadMenu, 5000);
