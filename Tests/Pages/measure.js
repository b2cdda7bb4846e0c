// Runs in a test's page, over reports in frames: what is wider than its window, which text is hard to read, what a keyboard
// cannot reach, what stays folded away, and what print loses.
"use strict";
function channels(colour) {
  const numbers = colour.match(/[\d.]+/g).map(Number);
  return { rgb: numbers.slice(0, 3), alpha: numbers.length > 3 ? numbers[3] : 1 };
}
function over(top, below) {
  return top.rgb.map((value, place) => value * top.alpha + below[place] * (1 - top.alpha));
}
// WCAG 2.2, "relative luminance" and "contrast ratio".
function luminance(rgb) {
  const [r, g, b] = rgb.map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function ratio(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}
function ground(element, view) {
  const layers = [];
  for (let place = element; place; place = place.parentElement) layers.push(channels(view.getComputedStyle(place).backgroundColor));
  let colour = channels(view.getComputedStyle(view.document.documentElement).getPropertyValue("color-scheme") ? "rgb(255,255,255)" : "rgb(255,255,255)").rgb;
  for (const layer of layers.reverse()) colour = over(layer, colour);
  return colour;
}
function folded(document_) {
  const links = Array.from(document_.querySelectorAll('a[href^="#"]'));
  const pairs = links.map((link) => ({ link, target: document_.getElementById(link.getAttribute("href").slice(1)) }));
  return pairs.filter(({ target }) => target && target.closest("details:not([open])"));
}
// A number leads to what it counts, also where that is folded away. No script of the page's helps.
async function unfold(document_, say) {
  let unfolded = 0;
  for (let tries = 0; tries < 4; tries += 1) {
    const pairs = folded(document_);
    if (!pairs.length) break;
    const { link, target } = pairs[tries % 2 ? pairs.length - 1 : 0];
    link.click();
    await new Promise((done) => setTimeout(done, 100));
    if (target.closest("details:not([open])")) say(`${link.getAttribute("href")} leads to something that stays folded`);
    else unfolded += 1;
  }
  return unfolded;
}
// The rules for paper, on a window as wide as paper.
function print(document_, root, say) {
  const rules = Array.from(document_.styleSheets).flatMap((sheet) => Array.from(sheet.cssRules));
  const papers = rules.filter((rule) => rule.media && rule.media.mediaText === "print");
  if (!papers.length) say("no rules for paper");
  for (const paper of papers) paper.media.mediaText = "all";
  for (const details of document_.querySelectorAll("details")) details.open = false;
  if (document_.querySelector("nav") && document_.querySelector("nav").getBoundingClientRect().height > 0) say("on paper there are links");
  for (const inner of document_.querySelectorAll("details:not(.behind)>*")) {
    if (!inner.checkVisibility()) say(`${inner.tagName} in something folded is not on paper`);
  }
  for (const element of document_.querySelectorAll("th,td,p,li,h1,h2,h3,pre,svg")) {
    const box = element.getBoundingClientRect();
    if (box.width > 0 && box.right > root.clientWidth + 1) say(`on paper ${element.tagName} ends at ${Math.round(box.right)}`);
  }
  for (const paper of papers) paper.media.mediaText = "print";
}
function keyboard(document_, view, say) {
  const places = Array.from(document_.querySelectorAll("a[href],summary,[tabindex]"));
  for (const place of places.slice(0, 40).concat(places.slice(-40))) {
    place.focus({ preventScroll: true });
    const words = `${place.tagName} "${(place.getAttribute("aria-label") || place.textContent).trim().slice(0, 30)}"`;
    if (document_.activeElement !== place) say(`${words} cannot be reached`);
    else if (view.getComputedStyle(place).outlineStyle === "none") say(`${words} does not show that it has the keyboard`);
  }
  return places.length;
}
async function measure(frame, name, width) {
  const problems = [];
  const view = frame.contentWindow;
  const document_ = frame.contentDocument;
  const root = document_.documentElement;
  const say = (text) => problems.push(`${name} at ${width}: ${text}`);
  const unfolded = await unfold(document_, say);
  if (width === 800) print(document_, root, say);
  for (const details of document_.querySelectorAll("details")) details.open = true;
  if (root.scrollWidth > root.clientWidth) say(`the page is ${root.scrollWidth} wide in a window of ${root.clientWidth}`);
  const places = keyboard(document_, view, say);
  let texts = 0;
  let least = 99;
  for (const element of document_.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    const inScroll = element.closest(".scroll") && !element.matches(".scroll");
    if (!inScroll && box.width > 0 && box.right > root.clientWidth + 1) say(`${element.tagName} ends at ${Math.round(box.right)}`);
    const words = Array.from(element.childNodes).filter((node) => node.nodeType === 3 && node.data.trim());
    if (!words.length || box.width === 0 || element.closest("svg")) continue;
    texts += 1;
    // Words must not stick out of their own cell either.
    if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0 && !element.matches(".scroll")) say(`${element.tagName} "${words[0].data.trim().slice(0, 30)}" sticks out`);
    const style = view.getComputedStyle(element);
    const found = ratio(over(channels(style.color), ground(element, view)), ground(element, view));
    least = Math.min(least, found);
    if (found < 4.5) say(`${element.tagName}.${element.className} "${words[0].data.trim().slice(0, 30)}" has a contrast of ${found.toFixed(2)}`);
    if (parseFloat(style.fontSize) < 11.5) say(`"${words[0].data.trim().slice(0, 30)}" is ${style.fontSize} high`);
  }
  // What is drawn: each of the three against the page, by the colours that fill it.
  const paper = ground(document_.body, view);
  for (const part of ["p0", "p1", "p2"]) {
    const box = document_.createElementNS("http://www.w3.org/2000/svg", "rect");
    box.setAttribute("class", part);
    document_.querySelector("svg").appendChild(box);
    const found = ratio(channels(view.getComputedStyle(box).fill).rgb, paper);
    box.remove();
    if (!(found >= 3)) say(`the drawing's ${part} has a contrast of ${found.toFixed(2)}`);
  }
  return { name, width, texts, unfolded, places, least, paper: paper.map(Math.round).join(","), scripts: document_.scripts.length, problems };
}
addEventListener("load", async () => {
  const results = [];
  for (const frame of document.querySelectorAll("iframe")) results.push(await measure(frame, frame.title, Number(frame.width)));
  document.body.innerHTML = "";
  const output = document.createElement("pre");
  output.id = "results";
  output.textContent = JSON.stringify(results);
  document.body.appendChild(output);
});
