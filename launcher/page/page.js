/* page: the study on the screen: header, leaderboard, dialog of a trial; asks
 * for what is new and draws again.
 * SPDX-License-Identifier: Apache-2.0 */
'use strict';

(() => {
  const EVERY_MS = 2000, HIDDEN_MS = 15000, TOP = 50, LARGE = 1000;
  const $ = (id) => document.getElementById(id);
  const view = { sort: 'rank', down: false, all: false, words: '' };
  let key = sessionStorageGet();

  /* The key comes once, behind the # of the link, and stays in this tab. */
  function sessionStorageGet() {
    const given = new URLSearchParams(location.hash.slice(1)).get('key');
    try {
      if (given) {
        sessionStorage.setItem(`sentei ${location.pathname}`, given);
        window.history.replaceState(null, '', location.pathname);
      }
      return given ?? sessionStorage.getItem(`sentei ${location.pathname}`);
    } catch { // a report opened as a file
      return given;
    }
  }

  /* --- words ------------------------------------------------------------- */

  const show = (x) => (typeof x === 'number' ? String(+x.toPrecision(5)) : x === null || x === undefined ? '' : String(x));

  function duration(s) {
    if (s < 100) return `${+s.toPrecision(2)} s`;
    if (s < 6000) return `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s`;
    return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  }

  function element(name, text, className) {
    const e = document.createElement(name);
    if (text !== undefined) e.textContent = text;
    if (className) e.className = className;
    return e;
  }

  /* --- header ------------------------------------------------------------ */

  function drawHeader() {
    const s = study.summary, done = s.trials - s.states.running - s.states.waiting - s.states.paused;
    document.title = `${s.study}: ${s.best ? show(s.best.value) : 'no value yet'}`;
    $('title').textContent = s.study;
    $('goal').textContent = `${s.objectives.map((o) => `${o.direction} ${o.metric}`).join(', ')}${
      s.best ? `; best ${show(s.best.value)} (trial ${s.best.trial})` : ''}`;
    Object.assign($('progress'), { max: s.budget_trials ?? Math.max(1, s.trials), value: done });
    const counts = Object.entries(s.states).filter(([, n]) => n > 0).map(([state, n]) => `${n} ${state}`);
    const trials = `${s.trials}${s.budget_trials ? ` of ${s.budget_trials}` : ''} trials`;
    $('state').textContent = [`${s.state}${s.reason && s.reason !== trials ? ` (${s.reason})` : ''}`,
      `${trials}: ${counts.join(', ') || 'none yet'}`,
      duration(s.elapsed_s), s.seconds_left !== null && s.state === 'running' ? `${duration(s.seconds_left)} left` : '',
      s.search].filter(Boolean).join(' · ');
    say(s.trouble);
  }

  function say(trouble) {
    $('trouble').hidden = !trouble;
    $('trouble').textContent = trouble ?? '';
  }

  /* --- leaderboard ------------------------------------------------------- */

  function columns() {
    const value = study.summary.objectives.map((o, k) => ({ name: o.metric, get: (t) => study.value(t, k) }));
    const hasStd = study.trials.some((t) => t && t.std !== null), hasRanks = study.trials.some((t) => t && study.ranks(t).length);
    return [{ name: 'rank', get: (t) => t.rank }, { name: 'trial', get: (t) => t.trial }, ...value,
      ...(hasStd ? [{ name: 'std', get: (t) => t.std }] : []),
      ...(hasRanks ? [{ name: 'ranks', short: 'ranks 90%', get: (t) => study.ranks(t)[0], show: (t) => [...new Set(study.ranks(t))].join('..') }] : []),
      { name: 'best_step', short: 'best step', get: (t) => t.best_step }, { name: 'step', get: (t) => t.step },
      { name: 'time', get: (t) => t.seconds, show: (t) => duration(t.seconds) },
      { name: 'state', word: true, get: (t) => t.state },
      ...study.space.map((p) => ({ name: p.name, short: p.name.split('.').slice(-2).join('.'), word: p.kind === 'categorical',
        get: (t) => t.params[p.name] }))];
  }

  /* "depth>=3" asks a column whose name ends so; any other word is looked for everywhere. */
  function matcher(words, all) {
    const tests = words.split(/\s+/).filter(Boolean).map((word) => {
      const [, name, op, text] = /^([\w.]+)(<=|>=|!=|=|<|>)(.+)$/.exec(word) ?? [];
      const column = name && all.find((c) => c.name === name || c.name.endsWith(`.${name}`));
      if (!column) return (t) => all.some((c) => show(c.get(t)).includes(word));
      const wanted = Number.isNaN(+text) ? text : +text;
      return (t) => {
        const x = column.get(t);
        if (x === undefined || x === null) return false;
        return { '<': x < wanted, '>': x > wanted, '<=': x <= wanted, '>=': x >= wanted, '=': x == wanted, '!=': x != wanted }[op];
      };
    });
    return (t) => tests.every((test) => test(t));
  }

  function drawHeads(all) {
    const row = element('tr');
    for (const c of all) {
      const head = element('th', undefined, c.word ? 'word' : ''), button = element('button', c.short ?? c.name);
      if (view.sort === c.name) head.setAttribute('aria-sort', view.down ? 'descending' : 'ascending');
      button.title = c.name;
      button.onclick = () => { view.down = view.sort === c.name && !view.down; view.sort = c.name; drawTable(); };
      head.append(button);
      row.append(head);
    }
    $('heads').replaceChildren(row);
  }

  function drawRow(t, all, best) {
    const row = element('tr', undefined, t === best ? 'best' : '');
    for (const c of all) {
      const cell = element('td', undefined, c.word ? `word ${c.name === 'state' ? t.state : ''}` : '');
      if (c.name === 'trial') {
        const button = element('button', t.trial);
        button.setAttribute('aria-label', `trial ${t.trial}: all about it`);
        button.onclick = () => openTrial(t.trial);
        cell.append(button);
      } else cell.textContent = c.show ? c.show(t) : show(c.get(t));
      row.append(cell);
    }
    return row;
  }

  function drawTable() {
    const all = columns(), by = all.find((c) => c.name === view.sort) ?? all[0], best = study.best();
    study.ranked().forEach((t, i) => { t.rank = i + 1; });
    const rows = study.ranked().filter(matcher(view.words, all)), known = (x) => x !== undefined && x !== null && !Number.isNaN(x);
    if (by.name !== 'rank' || view.down) {
      rows.sort((a, b) => {
        const x = by.get(a), y = by.get(b);
        if (!known(x) || !known(y)) return known(y) - known(x);
        return (x < y ? -1 : x > y ? 1 : 0) * (view.down ? -1 : 1);
      });
    }
    const shown = view.all ? rows : rows.slice(0, TOP);
    drawHeads(all);
    $('rows').replaceChildren(...shown.map((t) => drawRow(t, all, best)));
    $('shown').textContent = `${shown.length} of ${study.ranked().length} trials`;
    $('all').hidden = shown.length === rows.length;
    $('all').textContent = `show all ${rows.length}`;
  }

  /* --- one trial --------------------------------------------------------- */

  function openTrial(number) {
    const t = study.trials[number], facts = [...Object.entries(t.params), ...Object.entries(t.metrics),
      ...t.work.map(([worker, start, end, outcome], i) => [`attempt ${i + 1}`,
        `${outcome || 'running'} on ${worker}${end ? `, ${duration(end - start)}` : ''}`])];
    $('trial-title').textContent = `Trial ${number}`;
    $('trial-state').textContent = `${t.state}${t.reason ? `: ${t.reason}` : ''}; best at step ${show(t.best_step)} of ${show(t.step)}; ${duration(t.seconds)}`;
    $('trial-facts').tBodies[0].replaceChildren(...facts.map(([name, value]) => {
      const row = element('tr');
      row.append(element('th', name, 'word'), element('td', show(value), 'word'));
      return row;
    }));
    $('trial-log').hidden = true;
    $('trial').showModal();
    pictures.trial($('trial-curve'), t);
    if (study.live) study.log(number, key).then((text) => { $('trial-log').hidden = !text; $('trial-log').textContent = text; }, () => {});
  }

  /* --- the rest ---------------------------------------------------------- */

  function drawWorkers() {
    $('workers').hidden = study.summary.workers.length === 0;
    $('workers').tBodies[0].replaceChildren(...study.summary.workers.map((w) => {
      const row = element('tr');
      for (const x of [w.worker, w.trial, w.attempt, w.step, `${show(w.seen_s)} s ago`]) row.append(element('td', show(x)));
      return row;
    }));
  }

  function fillSelects() {
    const names = study.importance?.map((p) => p.parameter) ?? study.space.map((p) => p.name); // what matters most is shown first
    [['slice-x', 0], ['contour-x', 0], ['contour-y', Math.min(1, names.length - 1)]].forEach(([id, chosen]) => {
      if ($(id).options.length) return;
      $(id).replaceChildren(...names.map((name) => new Option(name, name)));
      $(id).selectedIndex = chosen;
      $(id).onchange = drawPictures;
    });
  }

  function drawParameters() {
    if (!study.space.length) return [];
    fillSelects();
    return [() => pictures.parallel($('parallel')), () => pictures.slice($('slice'), $('slice-x').value),
      () => pictures.contour($('contour'), $('contour-x').value, $('contour-y').value)];
  }

  /* Of a large study the browser gets its turn after each picture, so that it scrolls meanwhile. */
  let round = 0;
  async function drawPictures() {
    const own = ++round;
    $('f-importance').hidden = !study.importance;
    $('f-pareto').hidden = !study.isMultiple();
    for (const picture of [() => pictures.history($('history')), () => pictures.curves($('curves')), ...drawParameters(),
      () => study.importance && pictures.importance($('importance'), study.importance),
      () => study.isMultiple() && pictures.pareto($('pareto')), () => pictures.timeline($('timeline'))]) {
      if (own !== round) return; // drawn anew meanwhile
      picture();
      if (study.trials.length > LARGE) await new Promise((go) => setTimeout(go));
    }
  }

  async function draw() {
    $('login').hidden = true;
    $('main').hidden = false;
    drawHeader();
    drawTable();
    drawWorkers();
    await drawPictures();
  }

  async function follow() {
    let wait = document.hidden ? HIDDEN_MS : EVERY_MS;
    try {
      const changed = await study.update(key), began = performance.now();
      if (changed || $('main').hidden) await draw();
      else { drawHeader(); drawWorkers(); }
      wait = Math.max(wait, 10 * (performance.now() - began)); // a large study must not keep the browser busy
    } catch (e) {
      if (e.login) { $('login').hidden = false; say(key ? e.message : ''); return; }
      say(`the controller does not answer (${e.message}); trying again`);
      wait = 2 * EVERY_MS;
    }
    setTimeout(follow, wait);
  }

  $('filter').oninput = (e) => { view.words = e.target.value; drawTable(); };
  $('filter').onsubmit = (e) => e.preventDefault();
  $('all').onclick = () => { view.all = true; drawTable(); };
  $('login').onsubmit = (e) => { e.preventDefault(); key = new FormData(e.target).get('key').trim(); follow(); };
  addEventListener('resize', () => { if (study.summary) pictures.parallel($('parallel')); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { if (study.summary) draw(); });

  if (study.embedded()) draw();
  else follow();
})();
