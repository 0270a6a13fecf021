/* pictures: a study's charts, one function each, on Chart.js.
 * Each takes a canvas and draws the study as it is; called again, it redraws.
 * SPDX-License-Identifier: Apache-2.0 */
'use strict';

const pictures = (() => {
  const MANY = 2000; // points of a scatter beyond which they are not told apart
  const charts = new Map();
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const colors = (names) => { // of many: each is looked up once
    const found = new Map();
    for (const name of names) if (!found.has(name)) found.set(name, color(name));
    return names.map((name) => found.get(name));
  };
  const short = (name) => name.split('.').slice(-2).join('.');
  const show = (x) => (Number.isFinite(x) ? +x.toPrecision(4) : x);
  const metric = () => study.summary.metric;

  /* Draw, or redraw with new data and options. */
  function chart(canvas, type, datasets, options, words) {
    canvas.setAttribute('aria-label', words);
    Chart.defaults.color = color('soft');
    Chart.defaults.borderColor = color('line');
    const all = { animation: false, maintainAspectRatio: false, normalized: true,
      plugins: { legend: { display: false }, tooltip: { displayColors: false } }, ...options };
    const old = charts.get(canvas);
    if (old && old.config.type === type) {
      old.data.datasets = datasets;
      old.options = all;
      old.update('none');
    } else {
      old?.destroy();
      charts.set(canvas, new Chart(canvas, { type, data: { datasets }, options: all, plugins: options.drawers ?? [] }));
    }
  }

  const axis = (title, more = {}) => ({ type: 'linear', title: { display: true, text: title }, ...more });
  const tip = (label) => ({ legend: { display: false }, tooltip: { displayColors: false, callbacks: { title: () => '', label } } });
  const known = () => study.ranked().filter((t) => Number.isFinite(study.value(t)) && t.state !== 'failed');

  /* The best value among trials 0..n, over n; each trial a point. */
  function history(canvas) {
    const all = known().slice().sort((a, b) => a.trial - b.trial), line = [];
    let best = NaN;
    for (const t of all) {
      const v = study.value(t);
      if (t.feasible && !(study.sign() * v >= study.sign() * best)) line.push({ x: t.trial, y: best = v });
    }
    if (line.length) line.push({ x: all[all.length - 1].trial, y: best });
    const every = Math.ceil(all.length / MANY), trials = all.filter((t, i) => i % every === 0);
    const points = (state) => ({ type: 'scatter', pointRadius: 3, backgroundColor: color(state),
      data: trials.filter((t) => t.state === state).map((t) => ({ x: t.trial, y: study.value(t), t })) });
    chart(canvas, 'line', [
      { data: line, stepped: true, pointRadius: 0, borderColor: color('best'), borderWidth: 2 },
      ...['complete', 'pruned', 'running', 'paused'].map(points),
    ], { scales: { x: axis('trial'), y: axis(metric()) },
      plugins: tip((i) => (i.raw.t ? `trial ${i.raw.t.trial}: ${show(i.raw.y)}, ${i.raw.t.state}` : `best ${show(i.raw.y)}`)) },
    `Best ${metric()} so far: ${show(best)} after ${all.length} trials`);
  }

  /* Many curves, in a few paths and without an object a point: ten thousand stay
   * fluid. Of more than MOST the best are drawn and every n-th of the others, of
   * a long curve every n-th step. */
  const bundle = { id: 'bundle', beforeDatasetsDraw(c) {
    const { curves, width } = c.options.bundle ?? {}, AT_ONCE = 64, STEPS = 400;
    if (!curves?.length) return;
    const { left, top, width: w, height: h } = c.chartArea, { x, y } = c.scales, { ctx } = c;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, w, h);
    ctx.clip();
    Object.assign(ctx, { strokeStyle: color('pruned'), lineWidth: width });
    curves.forEach((curve, i) => {
      const every = Math.ceil(curve.length / STEPS);
      let open = false;
      if (i % AT_ONCE === 0) ctx.beginPath();
      for (let k = 0; k < curve.length; k += every) {
        const [step, value] = curve[k];
        if (value === null) open = false; // NaN: the line has a gap
        else if (open) ctx.lineTo(x.getPixelForValue(step), y.getPixelForValue(value));
        else { ctx.moveTo(x.getPixelForValue(step), y.getPixelForValue(value)); open = true; }
      }
      if (i % AT_ONCE === AT_ONCE - 1 || i === curves.length - 1) ctx.stroke();
    });
    ctx.restore();
  } };

  /* From the least to the most of what 'at' says of all points of the curves. */
  function range(curves, at) {
    let min = Infinity, max = -Infinity;
    for (const curve of curves) for (const point of curve) {
      const v = at(point);
      if (v !== null && v < min) min = v;
      if (v !== null && v > max) max = v;
    }
    return min <= max ? { suggestedMin: min, suggestedMax: max } : {};
  }

  function curves(canvas) {
    const MOST = 10000, best = study.best(), all = study.ranked().filter((t) => t !== best && t.curve.length);
    const every = Math.ceil(Math.max(0, all.length - MOST / 2) / (MOST / 2));
    const shown = (every > 1 ? all.filter((t, i) => i < MOST / 2 || i % every === 0) : all).map((t) => t.curve);
    chart(canvas, 'line', [{ data: (best?.curve ?? []).map(([x, y]) => ({ x, y: y ?? NaN })), borderColor: color('best'), borderWidth: 3,
      pointRadius: 0, spanGaps: false, parsing: false, tension: 0 }],
    { events: [], drawers: [bundle], bundle: { curves: shown, width: all.length > 300 ? 0.3 : 1 },
      scales: { x: axis('step', range(shown, (p) => p[0])), y: axis(metric(), range(shown, (p) => p[1])) } },
    `Learning curves of ${study.trials.length} trials, the best one highlighted`);
  }

  /* --- parameters -------------------------------------------------------- */

  /* A parameter's scale: numbers as they are or logarithmic, choices by place. */
  function scaleOf(name) {
    const p = study.space.find((q) => q.name === name);
    const places = p.choices?.map(String);
    const ends = places ? [places[0], places[places.length - 1]] : [p.low, p.high];
    return { ends: ends.map((x) => String(show(x))),
      at: (t) => (t.params[name] === undefined ? NaN : places ? places.indexOf(String(t.params[name])) : t.params[name]),
      axis: places ? axis(short(name), { min: -0.5, max: places.length - 0.5,
        ticks: { stepSize: 1, callback: (i) => places[i] ?? '' } })
        : axis(short(name), p.log ? { type: 'logarithmic', min: p.low, max: p.high } : { min: p.low, max: p.high }),
      unit: (t) => { // 0..1
        const x = t.params[name];
        if (x === undefined) return NaN;
        if (places) return places.length > 1 ? places.indexOf(String(x)) / (places.length - 1) : 0.5;
        const f = p.log ? Math.log : (v) => v;
        return p.high > p.low ? (f(x) - f(p.low)) / (f(p.high) - f(p.low)) : 0.5;
      } };
  }

  /* 0 the worst, 1 the best: by rank, so that one bad trial does not make all others alike. */
  function goodness(trials) {
    return new Map(trials.map((t, i) => [t, trials.length > 1 ? 1 - i / (trials.length - 1) : 1]));
  }
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const shade = (g, alpha = 1) => `hsla(${220 - 190 * g}, ${45 + 40 * g}%, ${dark.matches ? 60 : 45}%, ${alpha})`;

  function slice(canvas, name) {
    const s = scaleOf(name), trials = known().slice(0, MANY);
    chart(canvas, 'scatter', [{ pointRadius: 3, clip: false, backgroundColor: colors(trials.map((t) => t.state)),
      data: trials.map((t) => ({ x: s.at(t), y: study.value(t), t })) }],
    { scales: { x: s.axis, y: axis(metric()) },
      plugins: tip((i) => `trial ${i.raw.t.trial}: ${show(i.raw.t.params[name])} → ${show(i.raw.y)}`) },
    `${metric()} over ${name}`);
  }

  /* The ground: each place the mean of the trials near it (Shepard). */
  const ground = { id: 'ground', beforeDatasetsDraw(c) {
    const { points } = c.options.ground ?? {}, a = c.chartArea, CELLS = 36;
    if (!points?.length) return;
    for (let i = 0; i < CELLS; i++) for (let j = 0; j < CELLS; j++) {
      let sum = 0, weights = 0;
      for (const [u, v, g] of points) {
        const w = 1 / (((i + 0.5) / CELLS - u) ** 2 + ((j + 0.5) / CELLS - v) ** 2 + 1e-3) ** 2;
        sum += w * g;
        weights += w;
      }
      const x = Math.round(a.left + (a.width * i) / CELLS), y = Math.round(a.bottom - (a.height * (j + 1)) / CELLS);
      c.ctx.fillStyle = shade(sum / weights, 0.45);
      c.ctx.fillRect(x, y, Math.round(a.left + (a.width * (i + 1)) / CELLS) - x, Math.round(a.bottom - (a.height * j) / CELLS) - y);
    }
  } };

  function contour(canvas, nameX, nameY) {
    const x = scaleOf(nameX), y = scaleOf(nameY), trials = known().slice(0, MANY), good = goodness(trials);
    const both = trials.filter((t) => Number.isFinite(x.unit(t)) && Number.isFinite(y.unit(t)));
    chart(canvas, 'scatter', [{ pointRadius: 4, clip: false, borderColor: color('back'), backgroundColor: both.map((t) => shade(good.get(t))),
      data: both.map((t) => ({ x: x.at(t), y: y.at(t), t })) }],
    { drawers: [ground], ground: { points: both.slice(0, 300).map((t) => [x.unit(t), y.unit(t), good.get(t)]) },
      scales: { x: x.axis, y: y.axis },
      plugins: tip((i) => `trial ${i.raw.t.trial}: ${show(study.value(i.raw.t))}`) },
    `${metric()} over ${nameX} and ${nameY}: warm colours are good`);
  }

  function importance(canvas, list) {
    chart(canvas, 'bar', [{ backgroundColor: color('accent'), data: list.map((p) => ({ x: p.importance, y: short(p.parameter) })) }],
      { indexAxis: 'y', scales: { x: axis('share, as sentei importance says', { min: 0 }), y: { type: 'category' } } },
      `Importance: ${list.map((p) => `${p.parameter} ${show(p.importance)}`).join(', ')}`);
  }

  /* One line a trial across an axis a parameter, the value last; drawn by hand, best on top. */
  function parallel(canvas) {
    const MOST = 1000, names = study.space.slice(0, 12).map((p) => p.name), scales = names.map(scaleOf);
    const trials = known().slice(0, MOST), good = goodness(trials);
    const box = canvas.parentElement.getBoundingClientRect(), ratio = devicePixelRatio || 1, c = canvas.getContext('2d');
    Object.assign(canvas, { width: box.width * ratio, height: box.height * ratio });
    Object.assign(canvas.style, { width: `${box.width}px`, height: `${box.height}px` });
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    const left = 40, right = box.width - 60, top = 22, bottom = box.height - 50;
    const x = (i) => left + ((right - left) * i) / names.length, y = (u) => bottom - (bottom - top) * u;
    c.lineWidth = 1.2;
    for (const t of trials.slice().reverse()) {
      c.strokeStyle = shade(good.get(t), good.get(t) > 0.9 ? 0.95 : 0.35);
      c.beginPath();
      let open = false;
      [...scales.map((s) => s.unit(t)), good.get(t)].forEach((u, i) => {
        if (!Number.isFinite(u)) open = false; // the parameter does not apply
        else if (open) c.lineTo(x(i), y(u));
        else { c.moveTo(x(i), y(u)); open = true; }
      });
      c.stroke();
    }
    c.strokeStyle = c.fillStyle = color('soft');
    c.font = '12px system-ui, sans-serif';
    c.textAlign = 'center';
    [...names.map(short), `rank by ${short(metric())}`].forEach((name, i) => {
      c.beginPath();
      c.moveTo(x(i), top);
      c.lineTo(x(i), bottom);
      c.stroke();
      c.fillText(name, x(i), bottom + (i % 2 ? 46 : 31), Math.max(60, (2 * (right - left)) / names.length));
      c.fillText(scales[i]?.ends[0] ?? 'last', x(i), bottom + 15);
      c.fillText(scales[i]?.ends[1] ?? 'first', x(i), top - 7);
    });
    canvas.setAttribute('aria-label', `The parameters of the best ${trials.length} trials; warm lines are the best`);
  }

  function pareto(canvas) {
    const front = study.front().sort((a, b) => study.value(a) - study.value(b)), on = new Set(front);
    const point = (t) => ({ x: study.value(t, 0), y: study.value(t, 1), t });
    const [first, second] = study.summary.objectives;
    chart(canvas, 'scatter', [
      { data: front.map(point), showLine: true, stepped: false, borderColor: color('best'), backgroundColor: color('best'), pointRadius: 5 },
      { data: known().filter((t) => !on.has(t)).map(point), backgroundColor: color('pruned'), pointRadius: 3 },
    ], { scales: { x: axis(first.metric), y: axis(second.metric) },
      plugins: tip((i) => `trial ${i.raw.t.trial}: ${show(i.raw.x)}, ${show(i.raw.y)}`) },
    `${front.length} trials that none beats in ${first.metric} and ${second.metric}`);
  }

  /* --- workers ----------------------------------------------------------- */

  const outcomes = { complete: 'complete', pruned: 'pruned', failed: 'failed', lost: 'failed', paused: 'paused', interrupted: 'paused', '': 'running' };

  function timeline(canvas) {
    const from = study.summary.started, now = from + study.summary.elapsed_s, pieces = [];
    for (const t of study.trials) for (const [worker, start, end, outcome] of t?.work ?? []) {
      pieces.push({ worker, x: [(start - from) / 60, ((end ?? Math.max(now, start)) - from) / 60], outcome, t });
    }
    const last = pieces.sort((a, b) => a.x[0] - b.x[0]).slice(-MANY), workers = [...new Set(last.map((p) => p.worker))].sort();
    canvas.parentElement.style.height = `${Math.min(40, 5 + 1.4 * workers.length)}rem`;
    chart(canvas, 'bar', [{ data: last.map((p) => ({ x: p.x, y: p.worker, p })), grouped: false, barPercentage: 0.9, categoryPercentage: 1,
      borderWidth: 1, borderColor: color('card'), borderSkipped: false,
      backgroundColor: colors(last.map((p) => outcomes[p.outcome] ?? 'pruned')) }],
    { indexAxis: 'y', scales: { x: axis('minutes since the study began'), y: { type: 'category', labels: workers } },
      plugins: tip((i) => `trial ${i.raw.p.t.trial}: ${i.raw.p.outcome || 'running'}, ${show(60 * (i.raw.x[1] - i.raw.x[0]))} s`) },
    `What ${workers.length} workers did when`);
  }

  /* One trial's curve, in its dialog. */
  function trial(canvas, t) {
    chart(canvas, 'line', [{ data: t.curve.map(([x, y]) => ({ x, y: y ?? NaN })), borderColor: color('accent'), pointRadius: 2 }],
      { scales: { x: axis('step'), y: axis(metric()) } }, `${metric()} of trial ${t.trial} over ${t.curve.length} steps`);
  }

  return { history, curves, slice, contour, importance, parallel, pareto, timeline, trial };
})();
