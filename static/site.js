/* Enhancements alone: every page is whole without them. */
"use strict";

/* Hashes shown in full, and blocks of raw text, get a button that copies them. */
function addCopyButton(place) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const text = place.dataset.full || place.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  place.after(button);
}

function enhance(root) {
  if (navigator.clipboard) root.querySelectorAll(".hash.full, [data-copy]").forEach(addCopyButton);
}

document.addEventListener("DOMContentLoaded", () => enhance(document));
