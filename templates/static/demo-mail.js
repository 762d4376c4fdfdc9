/* The demo's webmail: one person's mailbox, read and written through the desk's local mail server. */
"use strict";

const page = document.body.dataset;
const main = document.querySelector("main");
const rows = document.getElementById("rows");
const article = document.querySelector("article");
const writing = document.querySelector(".write");
const toast = document.getElementById("toast");
const LARGEST = 200 * 1024;
let token = document.querySelector('meta[name="csrf-token"]').content;
let changes = -1;
let folder = "masuk";
let folders = { masuk: [], terkirim: [] };
let drawn = "";
let letter = null;
let answers = null;

/* Elements ------------------------------------------------------------------------------------------ */

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function say(words, good) {
  toast.textContent = words;
  toast.classList.toggle("good", Boolean(good));
  toast.hidden = false;
  clearTimeout(say.ending);
  say.ending = setTimeout(() => { toast.hidden = true; }, 4500);
}

function look(view) {
  main.dataset.view = view;
}

const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)]/g;

function line(text) {
  const made = element("span", text.startsWith(">") ? "line old" : "line");
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    made.append(text.slice(from, found.index));
    const link = element("a", "", found[0]);
    link.href = found[0];
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    made.append(link);
    from = found.index + found[0].length;
  }
  made.append(`${text.slice(from)}\n`);
  return made;
}

/* The list ------------------------------------------------------------------------------------------ */

function row(each) {
  const made = element("li");
  const button = element("button", each.unread ? "row unread" : "row");
  button.type = "button";
  button.dataset.uid = each.uid;
  button.append(element("span", "face", (each.who[0] || "?").toUpperCase()));
  const words = element("span", "words");
  const head = element("span", "head");
  head.append(element("b", "", each.who), element("time", "", each.when));
  const subject = element("span", "subject", each.subject);
  if (each.files) subject.append(" ", element("span", "clip", "📎"));
  words.append(head, subject, element("span", "snippet", each.snippet));
  button.append(words);
  if (letter && letter.folder === folder && letter.uid === each.uid) button.setAttribute("aria-current", "true");
  button.addEventListener("click", () => open(folder, each.uid));
  made.append(button);
  return made;
}

function list() {
  const here = folders[folder];
  const state = JSON.stringify([folder, here, letter && letter.uid]);
  if (state === drawn) return;
  drawn = state;
  const focused = document.activeElement && document.activeElement.dataset.uid;
  rows.replaceChildren(...here.map(row));
  if (focused) rows.querySelector(`[data-uid="${focused}"]`)?.focus();
  const none = here.length === 0;
  document.getElementById("empty").hidden = !none;
  if (folder === "terkirim") document.getElementById("empty").hidden = true;
  const unread = folders.masuk.filter((each) => each.unread).length;
  document.querySelectorAll("[data-unread]").forEach((badge) => {
    badge.hidden = unread === 0;
    badge.textContent = unread;
  });
}

document.querySelectorAll("[data-folder]").forEach((button) => {
  button.addEventListener("click", () => {
    folder = button.dataset.folder;
    document.querySelectorAll("[data-folder]").forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
    list();
  });
});

/* A mail -------------------------------------------------------------------------------------------- */

function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : `${Math.round(bytes / 1024)} kB`;
}

function address(place, uid) {
  return `${page.home}/${place}/${uid}`;
}

function sheet(place, uid) {
  const made = element("iframe");
  made.title = "Isi surat";
  made.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox");
  made.addEventListener("load", () => {
    const inside = made.contentDocument.documentElement;
    const measure = () => { made.style.height = `${Math.ceil(inside.getBoundingClientRect().height)}px`; };
    measure();
    new ResizeObserver(measure).observe(inside);
  });
  made.src = `${address(place, uid)}/isi`;
  return made;
}

async function open(place, uid) {
  const answer = await fetch(address(place, uid));
  if (!answer.ok) return say("Surat ini tidak ada lagi.");
  letter = await answer.json();
  article.querySelector("h1").textContent = letter.subject;
  article.querySelector(".face").textContent = (letter.author[0] || "?").toUpperCase();
  article.querySelector("[data-author]").textContent = letter.author;
  article.querySelector("[data-address]").textContent = `<${letter.address}>`;
  article.querySelector("[data-line]").textContent = `kepada ${letter.to} · ${letter.when}`;
  article.querySelector("[data-automatic]").hidden = !letter.automatic;
  const body = article.querySelector(".letter");
  body.replaceChildren(...(letter.html ? [sheet(place, uid)] : letter.text.split("\n").map(line)));
  body.classList.toggle("plain", !letter.html);
  article.querySelector(".files").replaceChildren(...letter.files.map((file, number) => {
    const made = element("li");
    const link = element("a", "", `📎 ${file.name}`);
    link.href = `${address(place, uid)}/lampiran/${number}`;
    link.append(" ", element("small", "", size(file.size)));
    made.append(link);
    return made;
  }));
  article.hidden = false;
  look("mail");
  document.querySelector(".mail").scrollTop = 0;
  list();
  soon();
}

/* Writing ------------------------------------------------------------------------------------------- */

function begin(fields) {
  answers = fields.answers || null;
  writing.reset();
  writing.to.value = fields.to || "";
  writing.subject.value = fields.subject || "";
  writing.text.value = page.signature ? `\n\n-- \n${page.signature}` : "";
  document.getElementById("chosen").textContent = "";
  document.getElementById("targets").hidden = Boolean(answers);
  document.querySelectorAll("#samples button").forEach((chip) => { chip.hidden = Boolean(chip.dataset.subject) === Boolean(answers); });
  const quoted = document.querySelector(".quoted");
  quoted.hidden = !answers;
  quoted.querySelector("blockquote").textContent = fields.quoted || "";
  look("write");
  const first = answers ? writing.text : writing.to;
  first.focus({ preventScroll: true });
  if (answers) writing.text.setSelectionRange(0, 0);
}

document.getElementById("new").addEventListener("click", () => begin({}));
document.getElementById("reply").addEventListener("click", () => {
  if (!letter) return;
  begin({ to: letter.reply.to, subject: letter.reply.subject, quoted: letter.text, answers: `${letter.folder}/${letter.uid}` });
});
document.querySelectorAll(".back").forEach((button) => {
  button.addEventListener("click", () => look(writing.contains(button) && answers ? "mail" : "list"));
});
document.getElementById("targets").addEventListener("click", (event) => {
  const chip = event.target.closest("[data-to]");
  if (chip) writing.to.value = chip.dataset.to;
});
document.getElementById("samples").addEventListener("click", (event) => {
  const chip = event.target.closest("[data-text]");
  if (!chip) return;
  if (chip.dataset.subject && !writing.subject.value) writing.subject.value = chip.dataset.subject;
  if (!writing.to.value) writing.to.value = document.querySelector("#offices option").value;
  writing.text.value = chip.dataset.text + (page.signature ? `\n\n-- \n${page.signature}` : "");
  writing.text.focus();
});
writing.file.addEventListener("change", () => {
  document.getElementById("chosen").textContent = [...writing.file.files].map((file) => `${file.name} (${size(file.size)})`).join(", ");
});

function fault() {
  if (!/^[^\s@]+@[^\s@]+$/.test(writing.to.value.trim())) return [writing.to, "Tulis alamat email yang dituju."];
  const encloses = writing.file.files.length || writing.sample.checked;
  if (!encloses && !writing.text.value.replace(/-- \n[\s\S]*$/, "").trim()) return [writing.text, "Tulis isi suratnya."];
  const total = [...writing.file.files].reduce((sum, file) => sum + file.size, 0);
  if (total > LARGEST) return [writing.file, "Di demo ini lampiran paling besar 200 kB."];
  return null;
}

writing.addEventListener("submit", async (event) => {
  event.preventDefault();
  const wrong = fault();
  if (wrong) {
    wrong[0].focus();
    return say(wrong[1]);
  }
  const button = document.getElementById("send");
  button.disabled = true;
  const fields = new FormData(writing);
  if (answers) fields.set("answers", answers);
  try {
    const answer = await post("kirim", fields);
    if (answer.ok) {
      say("Terkirim.", true);
      look("list");
      soon();
    } else if (answer.status === 502 && (await answer.json()).unknown) {
      writing.to.focus();
      say("Alamat itu tidak dikenal di demo ini.");
    } else {
      say("Surat tidak terkirim. Coba lagi.");
    }
  } catch {
    say("Demo tidak menjawab. Apakah sudah dihentikan?");
  }
  button.disabled = false;
});

/* Habits -------------------------------------------------------------------------------------------- */

const HABITS = { away: "Sedang cuti: setiap pengirim mendapat balasan otomatis.", closed: "Alamat ditutup: surat untuknya kembali ke pengirim." };

function habits(answer) {
  const on = Object.keys(HABITS).filter((what) => answer[what]);
  document.querySelectorAll("[data-habit]").forEach((box) => { if (box !== document.activeElement) box.checked = on.includes(box.dataset.habit); });
  const words = document.getElementById("habit");
  words.hidden = on.length === 0;
  words.textContent = on.map((what) => HABITS[what]).join(" ");
}

document.querySelectorAll("[data-habit]").forEach((box) => {
  box.addEventListener("change", async () => {
    await post("kebiasaan", new URLSearchParams({ what: box.dataset.habit, on: box.checked ? "1" : "0" }));
    box.blur();
    soon();
  });
});

document.getElementById("person").addEventListener("change", (event) => {
  location.href = `${page.home.slice(0, -page.person.length)}${event.target.value}`;
});

/* Asking the desk ----------------------------------------------------------------------------------- */

async function post(where, fields, again = true) {
  const answer = await fetch(`${page.home}/${where}`, { method: "POST", headers: { "X-CSRFToken": token }, body: fields });
  if (answer.status !== 400 || !again) return answer;
  // Somebody signed in meanwhile: the new session has a token of its own.
  token = (await (await fetch(`${page.home}/state`)).json()).token;
  return post(where, fields, false);
}

let asking = null;

function soon() {
  changes = -1;
  if (asking) asking.abort();
}

function pause(milliseconds) {
  return new Promise((done) => { setTimeout(done, milliseconds); });
}

async function follow() {
  let wait = 150;
  for (;;) {
    asking = new AbortController();
    try {
      const answer = await fetch(`${page.home}/state?since=${changes}`, { signal: asking.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      changes = told.changes;
      token = told.token;
      folders = told.folders;
      habits(told);
      list();
      wait = 150;
    } catch (error) {
      if (error.name !== "AbortError") {
        wait = 2500;
        say("Demo tidak menjawab. Apakah sudah dihentikan?");
      }
    }
    await pause(document.hidden ? 1500 : wait);
  }
}

follow();
