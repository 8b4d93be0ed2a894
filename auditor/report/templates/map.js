// Zoom and pan of the map by its viewBox; without it the page scrolls and enlarges the map by anchors.
(() => {
  "use strict";
  const region = document.querySelector(".map"), svg = region.querySelector("svg"), bar = document.getElementById("zoom");
  const [left, top, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const most = 8, step = 1.5, told = bar.querySelector("output");
  let x = left, y = top, w = width, h = height, drag = null, moved = false;

  const within = (value, start, whole, part) =>
    part >= whole ? start + (whole - part) / 2 : Math.min(Math.max(value, start), start + whole - part);
  const draw = () => svg.setAttribute("viewBox", [x, y, w, h].map(n => Math.round(n * 10) / 10).join(" "));
  const show = (centreX, centreY, wanted) => {
    const zoomed = wanted < width * 0.99;
    region.classList.toggle("zoomed", zoomed);
    w = zoomed ? Math.max(width / most, wanted) : width;
    h = zoomed ? w * svg.clientHeight / svg.clientWidth : height;
    x = within(centreX - w / 2, left, width, w);
    y = within(centreY - h / 2, top, height, h);
    draw();
    for (const button of bar.querySelectorAll("button")) button.disabled = button.dataset.do !== "in" && !zoomed;
    bar.querySelector("[data-do=in]").disabled = w <= width / most * 1.01;
    told.textContent = zoomed ? `${(width / w).toFixed(1)} ×` : "whole map";
  };
  const by = (factor, atX = x + w / 2, atY = y + h / 2) =>
    show(atX + (x + w / 2 - atX) / factor, atY + (y + h / 2 - atY) / factor, w / factor);
  const pan = (right, down) => show(x + w / 2 + right * w / 4, y + h / 2 + down * h / 4, w);
  const acts = {
    in: () => by(step), out: () => by(1 / step), whole: () => show(left, top, width),
    left: () => pan(-1, 0), right: () => pan(1, 0), up: () => pan(0, -1), down: () => pan(0, 1),
  };
  const keys = {"+": "in", "=": "in", "-": "out", "0": "whole", ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down"};
  const frame = (elements, margin) => {
    const boxes = [...elements].map(element => element.getBBox());
    const first = Math.min(...boxes.map(b => b.x)) - margin, x0 = margin && first < 240 ? left : first;  // names of places stand at the left
    const x1 = Math.max(...boxes.map(b => b.x + b.width)) + margin;
    const y0 = Math.min(...boxes.map(b => b.y)) - margin, y1 = Math.max(...boxes.map(b => b.y + b.height)) + margin;
    return [(x0 + x1) / 2, (y0 + y1) / 2, Math.max(x1 - x0, (y1 - y0) * width / height)];
  };
  const focus = () => {
    const number = /^#focus-(\d+)$/.exec(location.hash);
    const lines = number ? svg.querySelectorAll(`.line.f${number[1]}`) : [];
    if (lines.length) show(...frame(lines, 140));
    else if (location.hash === "#map") acts.whole();
  };
  const point = event => {
    const box = svg.getBoundingClientRect();
    return [x + (event.clientX - box.left) / box.width * w, y + (event.clientY - box.top) / box.height * h];
  };

  bar.addEventListener("click", event => { const act = acts[event.target.dataset.do]; if (act) act(); });
  region.addEventListener("keydown", event => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || (w === width && act !== "in")) return;
    event.preventDefault();
    acts[act]();
  });
  region.addEventListener("focusin", event => {
    if (w === width || event.target === region) return;
    const [atX, atY] = frame([event.target.querySelector("rect") || event.target], 0);
    if (atX < x || atX > x + w || atY < y || atY > y + h) show(atX, atY, w);
  });
  svg.addEventListener("wheel", event => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    by(event.deltaY < 0 ? step : 1 / step, ...point(event));
  }, {passive: false});
  svg.addEventListener("dblclick", event => { event.preventDefault(); by(step, ...point(event)); });
  svg.addEventListener("pointerdown", event => { moved = false; if (w < width && event.button === 0) drag = point(event); });
  addEventListener("pointermove", event => {
    if (!drag) return;
    const [atX, atY] = point(event);
    if (Math.abs(atX - drag[0]) + Math.abs(atY - drag[1]) < w / 200) return;
    moved = true;
    show(x + w / 2 + drag[0] - atX, y + h / 2 + drag[1] - atY, w);
  });
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { drag = null; });
  svg.addEventListener("click", event => { if (moved) event.preventDefault(); }, true);
  svg.addEventListener("dragstart", event => event.preventDefault());
  addEventListener("hashchange", focus);
  addEventListener("beforeprint", () => { svg.setAttribute("viewBox", `${left} ${top} ${width} ${height}`); });
  addEventListener("afterprint", draw);
  document.querySelector("[href='#map-large']").hidden = true;
  bar.hidden = false;
  acts.whole();
  focus();
})();
