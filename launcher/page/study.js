/* study: what is known of a study, kept up to date; knows nothing of the page.
 * In a report the data lie in the page; else they come from /v1/changes.
 * SPDX-License-Identifier: Apache-2.0 */
'use strict';

const study = (() => {
  const s = { summary: null, space: [], trials: [], places: new Map(), importance: null, term: 0, at: 0, live: true };
  let ranked = null;

  function take(reply) {
    if (reply.term !== s.term) s.trials = [];
    s.term = reply.term;
    s.at = reply.at;
    s.summary = reply.study ?? s.summary; // only the last of several replies has it, and the places
    if (reply.places) s.places = new Map(reply.places.map(([trial, ...ranks], place) => [trial, { place, ranks }]));
    s.space = reply.space;
    for (const t of reply.trials) s.trials[t.trial] = t;
    s.importance = reply.importance ?? s.importance;
    ranked = null;
    return reply.more;
  }

  /* "nan", "inf" and "-inf" are words in JSON. */
  const number = (x) => (x === 'inf' ? Infinity : x === '-inf' ? -Infinity : typeof x === 'number' ? x : NaN);
  s.value = (t, k = 0) => number(t.values[k]);
  s.sign = (k = 0) => (s.summary.objectives[k].direction === 'maximize' ? -1 : 1);
  s.isMultiple = () => s.summary.objectives.length > 1;

  /* Best first: those with a place as the leaderboard has them; behind these by value, failed ones and those without one last. */
  s.ranked = () => {
    const place = (t) => s.places.get(t.trial)?.place ?? s.places.size;
    const key = (t) => (t.state === 'failed' || !Number.isFinite(s.value(t)) ? Infinity
      : s.sign() * s.value(t) + (t.feasible ? 0 : 1e300));
    ranked ??= s.trials.filter(Boolean).sort((a, b) => place(a) - place(b) || key(a) - key(b) || a.trial - b.trial);
    return ranked;
  };
  /* The first and the last rank that a trial may really have; [] where that is not known. */
  s.ranks = (t) => s.places.get(t.trial)?.ranks ?? [];
  s.best = () => s.summary.best && s.trials[s.summary.best.trial];

  /* Trials that no other beats in every objective. */
  s.front = () => {
    const n = s.summary.objectives.length, ok = s.ranked().filter((t) => t.feasible && t.state !== 'failed');
    const loss = (t, k) => s.sign(k) * s.value(t, k);
    const worse = (a, b) => { // b is nowhere worse and somewhere better than a
      let better = false;
      for (let k = 0; k < n; k++) {
        if (!(loss(b, k) <= loss(a, k))) return false;
        better ||= loss(b, k) < loss(a, k);
      }
      return better;
    };
    return ok.filter((a) => !ok.some((b) => worse(a, b)));
  };

  async function get(path, key) {
    const reply = await fetch(path, { headers: { Authorization: `Bearer ${key}` }, cache: 'no-store' });
    if (reply.status === 401) throw Object.assign(new Error('this key is not the study’s'), { login: true });
    if (!reply.ok) throw new Error((await reply.json()).error?.what ?? reply.statusText);
    return reply.json();
  }

  /* Catch up with the controller. Returns whether anything came. */
  s.update = async (key) => {
    let more = true, before = `${s.term}-${s.at}`;
    while (more) more = take(await get(`v1/changes?term=${s.term}&since=${s.at}`, key));
    if (before === `${s.term}-${s.at}`) return false;
    const { states } = s.summary;
    if (states.complete + states.pruned >= 10) s.importance = (await get('v1/importance', key).catch(() => ({}))).importance;
    return true;
  };
  s.log = async (trial, key) => (await get(`v1/logs/${trial}`, key)).tail;

  /* The data a report carries, if this is one. */
  s.embedded = () => {
    const data = document.querySelectorAll('script.data');
    if (!data.length) return false;
    s.live = false;
    for (const piece of data) take(JSON.parse(piece.textContent));
    return true;
  };
  return s;
})();
