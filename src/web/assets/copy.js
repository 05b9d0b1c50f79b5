// A button beside each thing that is to be typed elsewhere.

/** In English where a page has not said the words (web/copy-words.ts). */
const WORDS = {
  wordsCopy: "Copy",
  wordsCopied: "Copied",
  wordsMarked: "Marked: copy it now",
  wordsWhat: "Copy {what}",
  wordsLines: "Copy these lines",
};

export function addCopyButtons(under) {
  for (const source of under.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    // The parts that are fetched anew stand alone: what is around them is found on the page.
    const words = wordsFor(document.getElementById(under.id) ?? source);
    button.type = "button";
    button.className = "copy";
    button.textContent = words.wordsCopy;
    const name = source.closest("dd")?.previousElementSibling?.textContent;
    button.setAttribute("aria-label", name === undefined ? words.wordsLines : words.wordsWhat.replace("{what}", name));
    source.after(button);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest(".copy") : null;
  if (button === null) return;
  const words = wordsFor(button);
  button.textContent = copy(button.previousElementSibling) ? words.wordsCopied : words.wordsMarked;
});

function wordsFor(element) {
  return { ...WORDS, ...element.closest("[data-words-copy]")?.dataset };
}

/** Marks the text and copies it. Browsers keep their newer clipboard for encrypted pages; this one works in a home network. */
function copy(source) {
  const selection = getSelection();
  selection.selectAllChildren(source);
  const isCopied = document.execCommand("copy");
  if (isCopied) selection.removeAllRanges();
  return isCopied;
}
