// What makes the officers' pages live. Without it they work the same, with a refresh link.
(() => {
  "use strict";
  const body = document.body, $ = (id) => document.getElementById(id);
  const words = $("words").dataset, ticket = body.dataset.ticket;
  let token = document.querySelector('meta[name="csrf-token"]').content;
  const talk = $("talk"), reply = $("reply"), note = $("note");
  const plainTitle = () => document.title.replace(/^\(\d+\) /, "");
  let unread = Number(body.dataset.unread), nextRows = null, unseen = 0, refreshing = false, again = false;

  // --- A sign-in that has ended throws away nobody's text. Answers and notes are kept as drafts. ---
  const chosen = (list) => Math.max(0, [...list.options].findIndex((one) => one.defaultSelected));
  const changed = (field) => field.matches("#reply, #note, .reply [type=radio], .reply [name=asks_back]") || field.type === "hidden" ? false :
    field.type === "file" ? field.files.length > 0 : field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked :
    field.options ? field.selectedIndex !== chosen(field) : field.value !== field.defaultValue;
  const unsent = () => "answer" in body.dataset || [...document.querySelectorAll('form[method="post"] :is(input, textarea, select)')].some(changed);
  function signedOut() { if (unsent()) $("signed-out").hidden = false; else location.reload(); }
  function adoptToken(page) { // Signed in again in another tab: what is written here can be sent.
    token = page.querySelector('meta[name="csrf-token"]').content;
    for (const field of document.getElementsByName("csrf_token")) field.value = token;
    $("signed-out").hidden = true;
  }

  // --- Fetch this same page again and put in place what is new in it. ---
  async function refresh() {
    if (refreshing) { again = true; return; }
    refreshing = true;
    try {
      const answer = await fetch(body.dataset.here, { headers: { "X-Live": "1" } });
      if (answer.status === 401) { refreshing = false; signedOut(); return; }
      if (!answer.ok) throw new Error(answer.status);
      adopt(new DOMParser().parseFromString(await answer.text(), "text/html"));
      $("broken").hidden = true;
    } catch { $("broken").hidden = false; }
    refreshing = false;
    if (again) { again = false; setTimeout(refresh, 500); }
  }

  function adopt(page) {
    if (page.body.dataset.me !== body.dataset.me) { signedOut(); return; } // Somebody else has signed in.
    etag = `"${page.body.dataset.changed}"`;
    adoptToken(page);
    replace("places", page);
    adoptRows(page);
    adoptCount(page);
    if (!ticket || !page.getElementById("talk")) return;
    if (!reply && page.getElementById("reply") && !unsent()) { location.assign(body.dataset.here); return; } // Drafts survive.
    if (!$("ticket-head").contains(document.activeElement) && !$("ticket-head").querySelector("details[open]")) replace("ticket-head", page);
    replace("notices", page); replace("way", page); replace("viewers", page); adoptSend(page); adoptMessages(page);
  }

  function replace(id, page) {
    const old = $(id), fresh = page.getElementById(id);
    if (old && fresh && old.innerHTML !== fresh.innerHTML) { old.innerHTML = fresh.innerHTML; old.className = fresh.className; }
  }

  function adoptSend(page) {
    const old = $("send"), fresh = page.getElementById("send");
    if (old) { old.disabled = !fresh; if (fresh) old.textContent = fresh.textContent; }
    adoptWays(page);
  }

  // --- Several ways to the citizen: the line and the button say what happens on the chosen one. ---
  const chosenWay = () => document.querySelector(".ways input:checked");
  let lostWay = chosenWay() ? null : ""; // What was chosen and can't be had now: nothing goes to somebody else instead.
  function sayWay() {
    const ways = $("ways"), { line, way, button } = chosenWay()?.dataset ?? { line: ways.dataset.lost, way: "lost", button: ways.dataset.send };
    $("way").textContent = line; $("way").className = `way ${way}`;
    if ($("send")) $("send").textContent = button;
  }
  function takeWay(key) {
    const ways = $("ways"), all = [...ways.querySelectorAll("input")], found = all.find((one) => one.value === key && (one.checked || !one.disabled));
    for (const one of all) one.checked = one === found;
    lostWay = found ? null : key;
    if (!found) ways.hidden = ways.disabled = false;
    sayWay();
  }
  function adoptWays(page) {
    const ways = $("ways"), fresh = page.getElementById("ways");
    if (!ways || !fresh) return;
    if (ways.contains(document.activeElement)) { sayWay(); return; }
    const kept = lostWay ?? chosenWay().value;
    ways.innerHTML = fresh.innerHTML; ways.hidden = fresh.hidden; ways.disabled = fresh.disabled;
    takeWay(kept);
  }

  function adoptRows(page) {
    const rows = $("rows"), fresh = page.getElementById("rows");
    if (!rows || !fresh) return;
    const order = (list) => [...list.children].map((row) => row.id).join();
    if (order(rows) !== order(fresh)) {
      nextRows = fresh;
      if (document.hidden) return showRows();
      $("list-news").textContent = words.list; $("list-news").hidden = false;
    } else { nextRows = null; $("list-news").hidden = true; }
    for (const row of rows.children) {
      const now = row.id && page.getElementById(row.id);
      if (now && now.innerHTML !== row.innerHTML) {
        const focused = row.contains(document.activeElement);
        fill(row, now.innerHTML); row.className = now.className;
        if (focused) row.querySelector("a").focus();
      }
    }
  }

  function fill(place, rows) { // What was ticked stays so.
    const ticked = new Set([...place.querySelectorAll(":checked")].map((one) => one.value));
    place.innerHTML = rows;
    for (const one of place.querySelectorAll("[type=checkbox]")) one.checked = ticked.has(one.value);
  }

  function showRows() {
    if (nextRows) fill($("rows"), nextRows.innerHTML);
    nextRows = null; $("list-news").hidden = true;
  }

  function adoptCount(page) {
    const now = Number(page.body.dataset.waiting), news = Number(page.body.dataset.unread), more = news > unread;
    unread = news;
    document.title = (now ? `(${now}) ` : "") + plainTitle();
    if (more && document.hidden && "Notification" in window && Notification.permission === "granted")
      new Notification(words.notice, { body: words.noticeBody.replace("#", now), tag: "loket" }).onclick = () => window.focus();
  }

  function adoptMessages(page) {
    const list = $("messages");
    let arrived = 0;
    const following = atEnd();
    for (const now of page.querySelectorAll("#messages > li[id]")) {
      const old = $(now.id);
      // Of a long conversation only the end comes: its first date belongs to a message that stands here already.
      if (!old && now.matches(".day") && $(now.nextElementSibling.id)) continue;
      if (!old) { list.append(document.adoptNode(now)); if (now.dataset.id && !now.matches(".bot")) arrived += 1; }
      else if (old.dataset.id) {
        const before = old.querySelector(".delivery"), after = now.querySelector(".delivery");
        if (before && after && before.outerHTML !== after.outerHTML) before.replaceWith(document.adoptNode(after));
        for (const file of now.querySelectorAll(".media")) if ($(file.id)?.outerHTML !== file.outerHTML) $(file.id)?.replaceWith(document.adoptNode(file));
      }
    }
    list.querySelector(".empty")?.remove();
    if (!arrived) return;
    if (following) { toEnd(); if (!document.hidden) { seeAll(); return; } }
    unseen += arrived;
    $("message-news").textContent = words.messages.replace("#", unseen); $("message-news").hidden = false;
  }

  // --- What has been seen: only what was on the screen of a visible page. ---
  const onPhone = () => getComputedStyle(talk).overflowY === "visible";
  const atEnd = () => onPhone() ? $("composer").getBoundingClientRect().top < innerHeight + 120 : talk.scrollTop > -60;
  function toEnd() { if (onPhone()) $("composer").scrollIntoView({ block: "end" }); else talk.scrollTop = 0; }
  const lastId = () => Math.max(0, ...[...document.querySelectorAll("#messages > li[data-id]")].map((line) => Number(line.dataset.id)));
  function seeAll() {
    unseen = 0; $("message-news").hidden = true;
    const seen = document.querySelector('.reply input[name="seen"]');
    if (seen) seen.value = Math.max(Number(seen.value), lastId());
    tell();
  }

  let told = 0, writing = false;
  async function tell() {
    if (!ticket || document.hidden) return;
    told = performance.now();
    const form = new URLSearchParams({ seen: unseen ? 0 : lastId() });
    if (writing) form.set("writing", "1");
    try {
      const answer = await fetch(body.dataset.present, { method: "POST", body: form, headers: { "X-CSRFToken": token, "X-Live": "1" } });
      if (!answer.ok) return;
      const { viewers } = await answer.json();
      if ($("viewers").innerHTML !== viewers) $("viewers").innerHTML = viewers;
    } catch { /* The stream says when the line is down. */ }
  }

  // --- News: a stream, or a question every ten seconds. ---
  let etag = `"${body.dataset.changed}"`, polling = false;
  async function poll() {
    try {
      const answer = await fetch(body.dataset.changes, { headers: { "If-None-Match": etag } });
      if (answer.status === 401) { signedOut(); return; }
      if (answer.status === 200 && answer.headers.get("ETag") !== etag || answer.status < 400 && !$("signed-out").hidden) refresh();
      if (answer.status < 400) $("broken").hidden = true;
    } catch { $("broken").hidden = false; }
  }
  function startPolling() {
    if (polling) return;
    polling = true; poll(); setInterval(poll, 10000);
  }
  let soon = 0;
  function listen() {
    if (!("EventSource" in window)) { startPolling(); return; }
    const stream = new EventSource(body.dataset.live + (ticket ? `?ticket=${ticket}` : ""));
    stream.addEventListener("open", poll); // What came before the stream, or while it was away.
    stream.addEventListener("touched", () => { clearTimeout(soon); soon = setTimeout(refresh, 250); });
    stream.addEventListener("error", () => { if (stream.readyState === EventSource.CLOSED) startPolling(); });
    addEventListener("pagehide", () => stream.close());
  }
  setTimeout(listen);
  setInterval(() => { if (!document.hidden) refresh(); }, 60000);
  setInterval(() => { if (performance.now() - told > 19000) tell(); }, 5000);
  document.addEventListener("visibilitychange", () => { if (document.hidden) return; if (!$("signed-out").hidden) poll(); if (ticket && unseen && atEnd()) seeAll(); else tell(); });
  $("list-news")?.addEventListener("click", showRows);

  // --- The ticket: drafts, growing boxes, sending once. ---
  if (ticket) {
    $("ways")?.addEventListener("change", () => { lostWay = null; sayWay(); });
    tell();
    $("message-news").addEventListener("click", () => { toEnd(); seeAll(); });
    (onPhone() ? window : talk).addEventListener("scroll", () => { if (unseen && atEnd()) seeAll(); }, { passive: true });
    // What came of a button stands above the conversation, and why an answer was refused above its text.
    const outcome = document.querySelector(".flash") ?? $("problem");
    if (onPhone() && outcome) outcome.scrollIntoView({ block: "center" });
    else if (onPhone() && !location.hash) toEnd();
    const here = new URL(body.dataset.here, location), sent = here.searchParams.get("sent");
    if (sent) { for (const part of ["", "-how"]) sessionStorage.removeItem(`draft-${ticket}-${sent}${part}`); here.searchParams.delete("sent"); }
    here.hash = location.hash; body.dataset.here = here.pathname + here.search;
    history.replaceState(null, "", here); // So that reloading the answer to a form posts nothing again.
    for (const box of [reply, note]) {
      if (!box) continue;
      box.form.autocomplete = "off"; // Drafts are kept here: after Back the browser would put in what was sent already.
      const key = `draft-${ticket}-${box.id}`;
      if (!box.value) box.value = sessionStorage.getItem(key) || "";
      let idle = 0;
      // With the text is kept how it was to go out: on which way, and whether it asks back.
      const asks = box.form.elements.asks_back, kept = sessionStorage.getItem(`${key}-how`);
      if (asks && kept && box.value && !box.defaultValue) {
        const how = JSON.parse(kept);
        asks.checked = how.asks; takeWay(how.way);
      }
      const keep = () => {
        sessionStorage.setItem(key, box.value);
        if (asks) sessionStorage.setItem(`${key}-how`, JSON.stringify({ asks: asks.checked, way: lostWay ?? chosenWay().value }));
      };
      box.form.addEventListener("change", keep);
      box.addEventListener("input", () => {
        keep();
        const started = !writing; writing = true;
        clearTimeout(idle); idle = setTimeout(() => { writing = false; tell(); }, 8000);
        if (started) tell();
      });
      box.addEventListener("keydown", (press) => { if (press.key === "Enter" && (press.ctrlKey || press.metaKey)) box.form.requestSubmit(); });
      box.form.addEventListener("submit", () => {
        for (const button of box.form.querySelectorAll("button")) button.disabled = true;
      });
    }
    const files = $("files"); // Told before minutes go by on a thin line.
    files?.addEventListener("change", () => {
      const { most, megabytes, tooMuch } = files.dataset, size = [...files.files].reduce((sum, one) => sum + one.size, 0);
      files.setCustomValidity(files.files.length > most || size > megabytes * 1024 * 1024 ? tooMuch : "");
      files.reportValidity();
    });
    addEventListener("pageshow", (shown) => { if (shown.persisted) location.reload(); });
    if ($("problem")) reply?.focus({ preventScroll: true });
  }
  const open = document.querySelector("#places [aria-current]");
  if (open) $("places").scrollLeft = open.offsetLeft - 20; // On a telephone the lists stand in one line.
  $("leave").addEventListener("submit", () => sessionStorage.clear());

  // --- On a thin line a second click sends nothing a second time. ---
  document.addEventListener("submit", (sent) => {
    const form = sent.target, now = performance.now();
    if (form.method !== "post") return;
    if (now - form.dataset.sent < 5000) sent.preventDefault(); else form.dataset.sent = now;
  });

  // --- Notifications, asked for only by a click. ---
  const notify = $("notify");
  if ("Notification" in window && Notification.permission === "default") {
    notify.hidden = false;
    notify.addEventListener("click", async () => { await Notification.requestPermission(); notify.hidden = Notification.permission !== "default"; });
  }

  const printer = $("print");
  if (printer) { printer.hidden = false; printer.addEventListener("click", () => window.print()); }

  // --- The keyboard. ---
  const links = () => [...document.querySelectorAll("#rows a")];
  function walk(step) {
    const all = links(), at = all.indexOf(document.activeElement), from = at >= 0 ? at : all.findIndex((link) => link.hasAttribute("aria-current"));
    all[Math.min(Math.max(from + step, 0), all.length - 1)]?.focus();
  }
  function write(radio, box) {
    if (!$(radio)) return;
    $(radio).checked = true; box?.focus();
  }
  const showKeys = () => $("help").showModal();
  const acts = { j: () => walk(1), k: () => walk(-1), r: () => write("voice-reply", reply), n: () => write("voice-note", note), "/": () => { $("search")?.focus(); $("search")?.select(); }, "?": showKeys };
  document.addEventListener("keydown", (press) => {
    const typing = press.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, dialog");
    if (press.key === "Escape" && typing && typing.tagName !== "DIALOG") typing.blur();
    if (typing || press.ctrlKey || press.metaKey || press.altKey || !acts[press.key]) return;
    press.preventDefault(); acts[press.key]();
  });
  $("keys").hidden = false;
  $("keys").addEventListener("click", showKeys);
})();
