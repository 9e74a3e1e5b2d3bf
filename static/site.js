/* Enhancements alone: every page is whole without them. */
"use strict";

const COPIED = ".hash:not(h2 *), [data-copy]";
const SOONEST = 5_000, LATEST = 80_000, TRIES = 3, STOP = 286; // ms, ms, failures, htmx's status
const told = document.createElement("span");
const local = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/* What was done is said on the button, and to those who do not see it. */
function tell(button, words) {
  const before = button.dataset.words;
  button.textContent = told.textContent = words;
  setTimeout(() => { button.textContent = before; told.textContent = ""; }, 2000);
}

/* Hashes, keys and blocks of bytes can be copied, and each button says what it copies. */
function addCopyButton(place) {
  if (place.nextElementSibling?.matches(".copy")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = button.dataset.words = `Copy ${place.dataset.what || place.dataset.copy}`;
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(place.dataset.full || place.textContent)
      .then(() => tell(button, "Copied"), () => tell(button, "Not allowed"));
  });
  place.after(button);
}

/* Times are printed in UTC; the reader's own time is one hover away. */
function addLocalTime(time) {
  const at = new Date(time.dateTime);
  if (!time.title && time.dateTime.includes("T") && !isNaN(at)) time.title = `Your time: ${local.format(at)}`;
}

function enhance(root) {
  if (navigator.clipboard) root.querySelectorAll(COPIED).forEach(addCopyButton);
  root.querySelectorAll("time").forEach(addLocalTime);
}

/* That there is news is said once; its number goes up for those who see it. */
function announce({ target }) {
  if (target.dataset.announced) return;
  target.dataset.announced = "yes";
  told.textContent = target.textContent;
}

/* A first page asks how many rows came since, ever less often while that says nothing else, and not while
nobody looks. It ends where more are not counted, and where nobody answers. */
function watch(place) {
  let pause = SOONEST, failures = 0, before = "", timer;
  const wait = () => {
    clearTimeout(timer);
    if (pause && !document.hidden) timer = setTimeout(() => htmx.trigger(place, "look"), pause);
  };
  place.addEventListener("htmx:afterRequest", ({ detail: { xhr, successful } }) => {
    const isNews = xhr.status === 200 && xhr.responseText !== before;
    before = xhr.responseText;
    failures = successful ? 0 : failures + 1;
    pause = xhr.status === STOP || failures === TRIES ? 0 : isNews ? SOONEST : Math.min(2 * pause, LATEST);
    wait();
  });
  document.addEventListener("visibilitychange", wait);
  wait();
}

told.className = "hidden";
told.setAttribute("role", "status");
document.body.append(told);
enhance(document);
document.body.addEventListener("htmx:load", (event) => enhance(event.target));
document.body.addEventListener("htmx:afterSwap", announce);
if (window.htmx) document.querySelectorAll("[hx-trigger=look]").forEach(watch);
