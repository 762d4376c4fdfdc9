/* The demo page: phones and mailboxes that write to the desk, and what happens behind them. */
"use strict";

const page = document.body.dataset;
const toast = document.getElementById("toast");
let token = document.querySelector('meta[name="csrf-token"]').content;
let changes = -1;
let asking = null;

/* Elements ------------------------------------------------------------------------------------------ */

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const MARKED = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])|(?<![\p{L}\p{N}*])\*(?!\s)([^*\n]+?)(?<!\s)\*(?![\p{L}\p{N}*])|(?<![\p{L}\p{N}_])_(?!\s)([^_\n]+?)(?<!\s)_(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}~])~(?!\s)([^~\n]+?)(?<!\s)~(?![\p{L}\p{N}~])/gu;

function written(text, into) {
  let from = 0;
  for (const found of text.matchAll(MARKED)) {
    into.append(text.slice(from, found.index));
    from = found.index + found[0].length;
    if (found[1]) {
      const link = element("a", "", found[1]);
      link.href = found[1];
      link.target = "_blank";
      link.rel = "noopener noreferrer";
      into.append(link);
    } else {
      const name = found[2] ? "strong" : found[3] ? "em" : "s";
      into.append(written(found[2] || found[3] || found[4], element(name)));
    }
  }
  into.append(text.slice(from));
  return into;
}

const KINDS = {
  voice: () => {
    const bubble = element("span", "voice");
    bubble.append(element("span", "play", "▶"));
    const waves = element("span", "waves");
    for (let bar = 0; bar < 22; bar += 1) waves.append(element("i", `w${(bar * 7) % 5}`));
    bubble.append(waves, element("small", "", "0.14"));
    return bubble;
  },
  image: () => element("span", "picture", "Foto tabel.jpg"),
  document: () => element("span", "paper", "Surat pengantar.pdf"),
  sticker: () => element("span", "smile"),
  location: () => element("span", "place", "Tirawuta, Kolaka Timur"),
};

const FILES = {
  image: (file) => Object.assign(element("img", "photo"), { src: file.at, alt: file.name }),
  audio: (file) => Object.assign(element("audio", "sound"), { src: file.at, controls: true, preload: "none" }),
  other: (file) => Object.assign(element("a", "paper", file.name), { href: file.at, download: file.name }),
};

function body(message) {
  if (message.file) {
    const whole = element("span", "text");
    whole.append((FILES[message.file.kind] || FILES.other)(message.file));
    if (message.text) whole.append(written(message.text, element("span", "caption")));
    return whole;
  }
  const make = KINDS[message.kind];
  return make ? make() : written(message.text, element("span", "text"));
}

const TICKS = { received: ["✓✓", "terkirim"], sending: ["…", "mengirim"], lost: ["!", "tidak terkirim"] };

/* What can be tapped below a message: a few buttons, or a list that opens. */
function choices(message, tap) {
  const made = message.opens ? element("details", "taps") : element("div", "taps");
  if (message.opens) {
    made.append(element("summary", "", message.opens));
    made.addEventListener("toggle", () => { if (made.open) made.lastChild.scrollIntoView({ block: "nearest" }); });
  }
  for (const [id, title, description] of message.choices) {
    const button = element("button", "", title);
    button.type = "button";
    if (description && description !== title) button.append(element("small", "", description));
    button.addEventListener("click", () => {
      made.open = false;
      tap(message, id, title);
    });
    made.append(button);
  }
  return made;
}

function bubble(message, tap) {
  const made = element("div", `bubble ${message.mine ? "mine" : "theirs"} ${message.kind}`);
  made.append(body(message));
  const when = element("span", "when", message.clock);
  if (message.mine) {
    const [sign, words] = TICKS[message.status] || TICKS.received;
    const tick = element("span", "tick", sign);
    tick.title = words;
    when.append(" ", tick);
  }
  made.append(when);
  if (message.choices && message.choices.length) made.append(choices(message, tap));
  return made;
}

/* A phone ------------------------------------------------------------------------------------------- */

class Phone {
  constructor(set) {
    this.set = set;
    this.part = set.dataset.part;
    this.person = set.querySelector("[data-person]");
    this.office = set.querySelector("[data-office]");
    this.chat = set.querySelector(".chat");
    this.offers = set.querySelector(".offers");
    this.input = set.querySelector("textarea");
    this.attach = set.querySelector(".attach");
    this.plus = set.querySelector(".plus");
    this.drawn = new Map();
    this.sending = [];
    this.patience = 0;
    this.remember();
    this.listen();
    this.clear();
  }

  get key() {
    return `${this.person.value}@${this.office.value}`;
  }

  remember() {
    const [person, office] = (sessionStorage.getItem(`phone-${this.part}`) || "").split("@");
    if (person && office) {
      this.person.value = person;
      this.office.value = office;
    }
  }

  listen() {
    const other = () => {
      sessionStorage.setItem(`phone-${this.part}`, this.key);
      this.clear();
      look();
    };
    this.person.addEventListener("change", other);
    this.office.addEventListener("change", other);
    this.set.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.write(this.input.value);
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.write(this.input.value);
      }
    });
    this.plus.addEventListener("click", () => this.toggle());
    this.attach.addEventListener("click", (event) => {
      const chosen = event.target.closest("[data-kind]");
      if (chosen) this.write("", chosen.dataset.kind);
    });
  }

  toggle(open = this.attach.hidden) {
    this.attach.hidden = !open;
    this.plus.setAttribute("aria-expanded", String(open));
  }

  clear() {
    const office = this.office.selectedOptions[0].dataset;
    this.set.querySelector(".face").textContent = office.short;
    this.set.querySelector(".name b").textContent = office.name;
    this.set.querySelector(".rule").textContent = office.rule;
    this.number = office.number;
    this.chat.replaceChildren();
    this.offers.replaceChildren();
    this.offered = "";
    this.drawn.clear();
    this.sending = [];
    this.day = "";
    this.patience = 0;
  }

  async write(text, kind = "text") {
    if (kind === "text" && !text.trim()) return;
    this.toggle(false);
    if (kind === "text") this.input.value = "";
    await this.send(text, kind, page.write, { text, kind });
  }

  async tap(message, choice, title) {
    await this.send(title, "text", page.tap, { choice, below: message.sid });
  }

  async send(text, kind, url, fields) {
    const mine = { sid: `here-${Date.now()}`, mine: true, text, kind, clock: "", status: "sending" };
    const waiting = bubble(mine);
    this.sending.push(waiting);
    this.chat.append(waiting);
    this.offers.replaceChildren();
    this.offered = "";
    // An officer takes their time; only the bot answers at once.
    if (!this.withOfficers) {
      this.patience = Date.now() + 2500;
      this.typing(true);
    }
    this.down();
    try {
      await post(url, { phone: this.key, ...fields });
    } catch {
      this.input.value = this.input.value || text;
      say("Pesan tidak sampai. Coba kirim lagi.");
    }
    waiting.remove();
    this.sending = this.sending.filter((each) => each !== waiting);
    look();
  }

  show(phone, today) {
    if (this.today && this.today !== today) this.clear();
    this.today = today;
    const atEnd = this.chat.scrollHeight - this.chat.scrollTop - this.chat.clientHeight < 120;
    const first = this.drawn.size === 0;
    let fresh = false;
    for (const message of phone.messages) fresh = this.put(message, today) || fresh;
    this.withOfficers = phone.with_officers;
    const last = phone.messages.at(-1);
    if (last && !last.mine) this.patience = 0;
    this.typing(phone.coming || Date.now() < this.patience);
    this.hint(phone);
    this.offer(phone.suggestions);
    if (fresh && (atEnd || first)) this.down(first);
    if (phone.messages.some((message) => !message.mine && message.status === "delivered")) this.read();
  }

  put(message, today) {
    const state = `${message.status} ${message.text}`;
    const known = this.drawn.get(message.sid);
    if (known && known.state === state) return false;
    const made = bubble(message, (...tapped) => this.tap(...tapped));
    if (known) {
      known.made.replaceWith(made);
    } else {
      this.newDay(message.day, today);
      this.chat.insertBefore(made, this.sending[0] || this.chat.querySelector(".typing"));
      made.classList.add("new");
    }
    this.drawn.set(message.sid, { state, made });
    return !known;
  }

  newDay(day, today) {
    if (day === this.day) return;
    this.day = day;
    this.chat.insertBefore(element("p", "day", day === today ? "Hari ini" : day), this.sending[0] || this.chat.querySelector(".typing"));
  }

  typing(on) {
    const there = this.chat.querySelector(".typing");
    const line = this.set.querySelector(".name small");
    line.textContent = on ? "sedang mengetik…" : this.number;
    line.classList.toggle("busy", on);
    if (on === Boolean(there)) return;
    if (there) return void there.remove();
    const dots = element("div", "bubble theirs typing");
    dots.setAttribute("aria-hidden", "true");
    dots.append(element("i"), element("i"), element("i"));
    this.chat.append(dots);
    this.down();
  }

  hint(phone) {
    this.set.querySelector("[data-stage]").textContent = phone.state;
    const line = this.set.querySelector("[data-window]");
    line.textContent = phone.window
      ? phone.window === "tertutup"
        ? "Jendela balas tertutup"
        : `Boleh dibalas ${phone.window}`
      : "Belum pernah menulis";
    line.title = "WhatsApp mengizinkan kantor menjawab bebas selama 24 jam sejak pesan terakhir warga.";
    line.dataset.open = String(Boolean(phone.window) && phone.window !== "tertutup");
  }

  offer(suggestions) {
    const state = JSON.stringify(suggestions);
    if (state === this.offered || this.sending.length) return;
    this.offered = state;
    this.offers.replaceChildren(
      ...suggestions.map((each) => {
        const button = element("button", "", each.label);
        button.type = "button";
        if (each.say !== each.label) button.prepend(element("b", "", each.say));
        button.addEventListener("click", () => this.write(each.say));
        return button;
      }),
    );
    this.offers.scrollTop = 0;
    this.down();
  }

  down(atOnce) {
    this.chat.scrollTo({ top: this.chat.scrollHeight, behavior: atOnce || CALM.matches ? "instant" : "smooth" });
  }

  read() {
    if (this.reading || document.hidden || this.set.offsetParent === null) return;
    this.reading = setTimeout(() => {
      // While somebody signs in, this page's token is between two sessions.
      if (entering) return void (this.reading = null);
      post(page.read, { phone: this.key }).catch(() => {}).finally(() => { this.reading = null; });
    }, 1200);
  }
}

const CALM = matchMedia("(prefers-reduced-motion: reduce)");

/* Behind the scenes --------------------------------------------------------------------------------- */

const strip = document.getElementById("scenes");
const lines = new Map();
const SIGNS = { in: "↓", bot: "↑", officer: "↑", ticket: "#" };

function scene(each, isNew) {
  const line = element("li", `scene ${each.kind} ${each.way}${isNew ? " new" : ""}`);
  line.append(element("span", "sign", SIGNS[each.kind]));
  const words = element("div", "words");
  const head = element("p", "head");
  head.append(element("b", "", each.title), element("time", "", each.clock));
  words.append(head);
  const detail = element("p", "detail");
  detail.append(element("span", "", each.detail));
  each.steps.forEach((step, place) => detail.append(element("span", place < each.done ? "step done" : "step", step)));
  if (each.trouble) detail.append(element("span", "step trouble", each.trouble));
  words.append(detail);
  line.append(words);
  return line;
}

function showScenes(scenes) {
  const first = lines.size === 0;
  const wanted = new Set(scenes.map((each) => each.id));
  for (const [id, known] of lines) {
    if (!wanted.has(id)) {
      known.line.remove();
      lines.delete(id);
    }
  }
  scenes.forEach((each, place) => {
    const state = JSON.stringify(each);
    const known = lines.get(each.id);
    let line = known && known.line;
    if (!known || known.state !== state) {
      line = scene(each, !known && !first);
      if (known) known.line.replaceWith(line);
      lines.set(each.id, { state, line });
    }
    if (strip.children[place] !== line) strip.insertBefore(line, strip.children[place] || null);
  });
  document.getElementById("nothing").hidden = scenes.length > 0;
}

function showStory(stage) {
  document.querySelectorAll(".story li").forEach((step, place) => {
    step.classList.toggle("done", place < stage);
    step.classList.toggle("next", place === stage);
  });
}

/* Asking the desk ----------------------------------------------------------------------------------- */

function say(words) {
  toast.textContent = words;
  toast.hidden = false;
  clearTimeout(say.ending);
  say.ending = setTimeout(() => { toast.hidden = true; }, 5000);
}

async function post(url, fields, again = true) {
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams(fields) });
  if (answer.status === 400 && again) {
    // Somebody signed in meanwhile: the new session has a token of its own.
    token = (await (await fetch(page.state)).json()).token;
    await post(url, fields, false);
  } else if (!answer.ok) {
    throw new Error(String(answer.status));
  }
}

function show(answer) {
  changes = answer.changes;
  token = answer.token;
  document.querySelectorAll('input[name="csrf_token"]').forEach((field) => { field.value = token; });
  document.getElementById("now").textContent = answer.now;
  for (const phone of answer.phones) {
    phones.filter((each) => each.key === phone.key).forEach((each) => each.show(phone, answer.today));
  }
  showScenes(answer.behind);
  showStory(page.way === "email" ? answer.by_mail : Math.max(0, ...answer.phones.map((phone) => phone.stage)));
}

function look() {
  changes = -1;
  if (asking) asking.abort();
}

function writer() {
  const shown = document.querySelector('iframe[title="Email warga"]').contentDocument;
  return (shown && shown.body && shown.body.dataset.person) || "";
}

function pause(milliseconds) {
  return new Promise((done) => { setTimeout(done, milliseconds); });
}

async function follow() {
  let wait = 150;
  for (;;) {
    asking = new AbortController();
    try {
      const wanted = [...new Set(phones.map((phone) => phone.key))].map((key) => ["phone", key]);
      const query = new URLSearchParams([["since", String(changes)], ["mail", writer()], ...wanted]);
      const answer = await fetch(`${page.state}?${query}`, { signal: asking.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.json());
      if (wait > 1000) toast.hidden = true;
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

/* The rest of the page ------------------------------------------------------------------------------ */

const phones = [...document.querySelectorAll(".set")].map((set) => new Phone(set));

document.querySelectorAll("[data-hours]").forEach((button) => {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await post(page.clock, { hours: button.dataset.hours });
    } catch {
      say("Jam demo tidak dapat dimajukan. Coba lagi.");
    }
    button.disabled = false;
    look();
  });
});

document.querySelectorAll(".tabs button").forEach((button) => {
  button.addEventListener("click", () => {
    document.querySelector("main").dataset.tab = button.dataset.tab;
    document.querySelectorAll(".tabs button").forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
    phones.forEach((phone) => phone.down(true));
  });
});

const ways = [...document.querySelectorAll("[data-way]:is(button)")];

function write(way) {
  page.way = way;
  ways.forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.way === way)));
  if (way === "email") document.querySelectorAll("iframe[data-src]").forEach((each) => { each.src ||= each.dataset.src; });
  phones.forEach((phone) => phone.down(true));
  sessionStorage.setItem("way", way);
  look();
}

ways.forEach((each) => each.addEventListener("click", () => write(each.dataset.way)));

const views = [...document.querySelectorAll('[role="tab"]')];

function choose(tab) {
  for (const each of views) {
    const here = each === tab;
    each.setAttribute("aria-selected", String(here));
    each.tabIndex = here ? 0 : -1;
    document.getElementById(each.getAttribute("aria-controls")).hidden = !here;
  }
  if (tab.id === "tab-desk" && !choose.entered) enter();
}

const frame = document.querySelector('iframe[name="desk-frame"]');
let entering = false;

frame.addEventListener("load", () => {
  if (entering) look();
  entering = false;
});

function enter() {
  choose.entered = true;
  entering = true;
  document.getElementById("as").requestSubmit();
}

views.forEach((tab, place) => {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const next = views[(place + 1) % views.length];
    next.focus();
    choose(next);
  });
});
document.getElementById("officer").addEventListener("change", enter);

const wanted = location.hash === "#surel" ? "email" : sessionStorage.getItem("way");
if (wanted === "email") write(wanted);
follow();
