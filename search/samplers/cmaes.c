/* cmaes: covariance matrix adaptation (search/math/cma.h) as a pure function of
 * the history.
 *
 * A generation is the next 'population' trials by number, whoever suggested
 * them. At each ask the course is run again, from the last point on it that
 * can change no more: a generation teaches once half of it has ended, trials
 * still running are left out until they end. So workers need not wait for each
 * other, and a restart, a replay and a simulation agree. Points from elsewhere
 * (enqueued ones) are taken in by injection; how trials compare, constraints
 * and failures too, says ranking.h.
 *
 * Numbers are searched in unit coordinates. A whole number stands for a place
 * drawn from its cell as the distribution would; a margin keeps its neighbours
 * likely. An inactive parameter teaches nothing. Unordered choices have a
 * probability each, with a margin too, which moves to those of the better half
 * (after Hamano et al., CatCMA, GECCO 2024). When all has come together or
 * nothing better was found for long, the search begins elsewhere with twice
 * the population (IPOP: Auger & Hansen, CEC 2005), or with a small one and a
 * small deviation where such runs were given fewer trials (BIPOP: Hansen,
 * Benchmarking a BI-population CMA-ES on the BBOB-2009 function testbed, 2009).
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/math/cma.h"
#include "search/math/normal.h"
#include "search/parameter.h"
#include "search/sampler.h"
#include "search/models/coordinates.h"
#include "search/models/ranking.h"

enum { FULL_MAX = 40 }; /* axes whose covariances are learned too */
enum { DRAWS = 16 };    /* until a point lies in the unit cube */
static const double TOGETHER = 1e-7; /* deviation of axes that converged */
static const double CONDITION_MAX = 1e14;
static const size_t NONE = (size_t)-1;

enum restart { RESTART_IPOP, RESTART_BIPOP, RESTART_NONE };
static const char *const restart_names[] = { "ipop", "bipop", "none", NULL };
enum { POPULATION_MIN = 4 };

/* A place on the course: what the generations before trial 'next' taught. */
struct course {
    struct cma cma;
    double *shares;    /* probabilities of the choices, see first_share */
    size_t next;       /* the first trial of the next generation */
    size_t population; /* its size */
    size_t best, idle; /* the run's best trial; generations since then */
    size_t restarts;
    double sigma;    /* the run's at its beginning */
    size_t first;    /* the run's first trial */
    size_t largest;  /* population so far */
    bool small;      /* the run is one of a small population */
    size_t spent[2]; /* trials of restarted runs: of large ones, of small */
};

struct cmaes {
    const struct space *space;
    uint64_t seed;
    int64_t population;
    double sigma;
    int restart;
    size_t *axes, axis_count; /* the parameters that are numbers */
    size_t *choices, choice_count;
    size_t *first_share; /* of each choice; the last: how many in all */

    struct ranking ranking;
    struct history_cursor cursor;
    struct course settled, now;
    size_t *members; /* a generation's trials, best first */
    double *rows;    /* and their coordinates */
    size_t capacity; /* of members */
    double *x;       /* one point */
};

/* --- making -------------------------------------------------------------- */

static void course_clear(struct course *c)
{
    cma_clear(&c->cma);
    free(c->shares);
}

static int course_init(const struct cmaes *m, struct course *c)
{
    size_t d = m->axis_count, shares = m->first_share[m->choice_count];

    c->shares = calloc(shares + 1, sizeof *c->shares);
    if (c->shares == NULL)
        return -1;
    return d > 0 ? cma_init(&c->cma, d, d > FULL_MAX) : 0;
}

static void course_copy(const struct cmaes *m, struct course *to,
                        const struct course *from)
{
    struct cma cma = to->cma;
    double *shares = to->shares;

    *to = *from;
    to->cma = cma;
    to->shares = shares;
    if (m->axis_count > 0)
        cma_copy(&to->cma, &from->cma);
    memcpy(shares, from->shares,
           m->first_share[m->choice_count] * sizeof *shares);
}

static void cmaes_destroy(void *state)
{
    struct cmaes *m = state;

    if (m == NULL)
        return;
    free(m->axes);
    free(m->choices);
    free(m->first_share);
    ranking_clear(&m->ranking);
    course_clear(&m->settled);
    course_clear(&m->now);
    free(m->members);
    free(m->rows);
    free(m->x);
    free(m);
}

static void sort_parameters(struct cmaes *m)
{
    size_t shares = 0;

    for (size_t i = 0; i < m->space->count; i++) {
        const struct parameter *p = &m->space->parameters[i];
        double count = parameter_count(p);

        if (count == 1)
            continue;
        if (!coordinate_unordered(p)) {
            m->axes[m->axis_count++] = i;
            continue;
        }
        m->first_share[m->choice_count] = shares;
        m->choices[m->choice_count++] = i;
        shares += (size_t)count;
    }
    m->first_share[m->choice_count] = shares;
}

/* Numbers that a point is free in; a choice has one for each but the last. */
static size_t freedoms(const struct cmaes *m)
{
    size_t all = m->axis_count + m->first_share[m->choice_count];

    return all > m->choice_count ? all - m->choice_count : 1;
}

static int cmaes_create(void **state, const struct space *space,
                        struct reader *options, struct error *err)
{
    struct cmaes *m = calloc(1, sizeof *m);
    size_t room = space->count + 1;

    *state = m;
    if (m == NULL)
        return error_memory(err);
    m->space = space;
    m->sigma = 1.0 / 6; /* of the range, as Optuna begins */
    m->ranking = (struct ranking)RANKING_INIT;
    m->cursor = (struct history_cursor)HISTORY_CURSOR_INIT;
    m->axes = calloc(room, sizeof *m->axes);
    m->choices = calloc(room, sizeof *m->choices);
    m->first_share = calloc(room, sizeof *m->first_share);
    m->x = calloc(room, sizeof *m->x);
    if (!m->axes || !m->choices || !m->first_share || !m->x)
        return error_memory(err);
    sort_parameters(m);
    if (course_init(m, &m->settled) || course_init(m, &m->now))
        return error_memory(err);
    m->population = (int64_t)cma_population(freedoms(m));
    reader_int(options, "population", POPULATION_MIN, 10000, &m->population);
    reader_float(options, "sigma", 1e-3, 1, &m->sigma);
    reader_enum(options, "restart", restart_names, &m->restart);
    return 0;
}

static void cmaes_seed(void *state, uint64_t seed)
{
    ((struct cmaes *)state)->seed = random_mix(seed ^ 0x636d616573);
}

/* --- one parameter ------------------------------------------------------- */

/* The cell of a value of a discrete parameter, endless at the range's ends. */
static void cell_of(const struct parameter *p, double v, double *low,
                    double *high)
{
    double half = p->step > 0 ? p->step / 2 : 0.5;

    *low = v - half < p->low ? -INFINITY : parameter_to_unit(p, v - half);
    *high = v + half > p->high ? INFINITY : parameter_to_unit(p, v + half);
}

/* A place in the cell low..high, as the distribution of the axis has it. */
static double draw_inside(const struct cma *c, size_t axis, double low,
                          double high, double u)
{
    double mean = c->mean[axis], deviation = cma_deviation(c, axis);
    double sign = low > mean ? -1 : 1; /* tails are exact below the mean */
    double from = normal_cdf(sign * (low - mean) / deviation);
    double to = normal_cdf(sign * (high - mean) / deviation);
    double x =
        mean + sign * deviation * normal_quantile(from + u * (to - from));

    return isfinite(x) ? fmax(low, fmin(x, high)) : isinf(low) ? high : low;
}

/* Where an axis saw a trial. */
static double coordinate(const struct cmaes *m, const struct cma *c,
                         size_t axis, double v, struct random *random)
{
    const struct parameter *p = &m->space->parameters[m->axes[axis]];
    double u = random_uniform(random), low, high;

    if (isnan(v))
        return c->mean[axis];
    if (parameter_cell(p, v) == 0)
        return parameter_to_unit(p, v);
    cell_of(p, v, &low, &high);
    return draw_inside(c, axis, low, high, u);
}

/* --- the course ---------------------------------------------------------- */

/* Begin a run: the first in the middle, others anywhere. */
static void begin_run(struct cmaes *m, struct course *c)
{
    struct random random;

    random_seed(&random, m->seed, ~(uint64_t)c->restarts);
    for (size_t a = 0; a < m->axis_count; a++)
        m->x[a] = c->restarts ? random_uniform(&random) : 0.5;
    if (m->axis_count > 0)
        cma_start(&c->cma, m->x, c->sigma);
    for (size_t k = 0; k < m->choice_count; k++) {
        size_t first = m->first_share[k], end = m->first_share[k + 1];
        for (size_t i = first; i < end; i++)
            c->shares[i] = 1 / (double)(end - first);
    }
    c->best = NONE;
    c->idle = 0;
}

static void begin(struct cmaes *m, struct course *c)
{
    c->next = c->first = c->restarts = 0;
    c->population = c->largest = (size_t)m->population;
    c->sigma = m->sigma;
    c->small = false;
    c->spent[0] = c->spent[1] = 0;
    begin_run(m, c);
}

/* Begin the next run: with twice the largest population, or a small one. */
static void restart(struct cmaes *m, struct course *c)
{
    struct random random;
    double u, v;

    if (c->restarts > 0)
        c->spent[c->small] += c->next - c->first;
    random_seed(&random, random_mix(m->seed), ++c->restarts);
    u = random_uniform(&random);
    v = random_uniform(&random);
    c->small = m->restart == RESTART_BIPOP && c->spent[1] < c->spent[0];
    if (c->small) {
        double least = (double)m->population;
        c->population =
            (size_t)fmax(POPULATION_MIN,
                         least * pow(0.5 * (double)c->largest / least, u * u));
        c->sigma = m->sigma * pow(10, -2 * v);
    } else {
        c->population = c->largest *= 2;
        c->sigma = m->sigma;
    }
    c->first = c->next;
    begin_run(m, c);
}

/* Put the ended trials of the next generation into m->members, best first.
 * Returns how many. */
static size_t muster(struct cmaes *m, const struct history *h, size_t next,
                     size_t population)
{
    size_t count = 0;

    for (size_t i = next; i < next + population && i < h->count; i++)
        if (!ranking_pending(&m->ranking, i))
            count =
                ranking_insert(&m->ranking, i, population, m->members, count);
    return count;
}

static void learn_numbers(struct cmaes *m, const struct history *h,
                          struct cma *c, size_t count)
{
    size_t d = m->axis_count;
    double margin = 1 / ((double)d * (double)count), low, high;

    for (size_t n = 0; n < count; n++) {
        struct random random;
        random_seed(&random, m->seed, m->members[n]);
        for (size_t a = 0; a < d; a++)
            m->rows[n * d + a] = coordinate(
                m, c, a, h->trials[m->members[n]].x[m->axes[a]], &random);
        cma_inject(c, m->rows + n * d);
    }
    cma_tell(c, m->rows, count);
    for (size_t a = 0; a < d; a++) {
        const struct parameter *p = &m->space->parameters[m->axes[a]];

        c->mean[a] = fmax(0, fmin(c->mean[a], 1));
        double v = parameter_from_unit(p, c->mean[a]);
        if (parameter_cell(p, v) == 0)
            continue;
        cell_of(p, v, &low, &high);
        cma_margin(c, a, low, high, margin);
    }
}

/* Move the shares of choice 'k' towards those of the better half, by rank. */
static void learn_choice(const struct cmaes *m, const struct history *h,
                         double *shares, size_t k, size_t count)
{
    size_t first = m->first_share[k], choices = m->first_share[k + 1] - first;
    size_t good = count / 2;
    double total = (double)(good * (good + 1)) / 2, sum = 0;
    double rate = (double)good / (double)(good + choices);
    double least = 1 / ((double)(m->axis_count + m->choice_count) *
                        (double)count * (double)choices);

    for (size_t n = 0; n < good; n++) {
        double v = h->trials[m->members[n]].x[m->choices[k]];
        double weight = rate * (double)(good - n) / total;

        if (isnan(v))
            continue;
        for (size_t i = 0; i < choices; i++)
            shares[first + i] *= 1 - weight;
        shares[first + (size_t)v] += weight;
    }
    for (size_t i = 0; i < choices; i++)
        sum += shares[first + i] = fmax(shares[first + i], least);
    for (size_t i = 0; i < choices; i++)
        shares[first + i] /= sum;
}

/* Whether the run has nothing left to find. */
static bool run_is_over(const struct cmaes *m, const struct course *c)
{
    size_t d = m->axis_count, patience = 30 * (d + m->choice_count);
    bool together = d > 0;

    for (size_t a = 0; a < d; a++)
        together = together && cma_deviation(&c->cma, a) < TOGETHER;
    return together || c->idle > 10 + patience / c->population ||
           (d > 0 && cma_condition(&c->cma) > CONDITION_MAX);
}

/* One generation on. */
static void advance(struct cmaes *m, const struct history *h, struct course *c)
{
    size_t count = muster(m, h, c->next, c->population);

    c->next += c->population;
    if (2 * count < c->population || count < 2)
        return;
    if (m->axis_count > 0)
        learn_numbers(m, h, &c->cma, count);
    for (size_t k = 0; k < m->choice_count; k++)
        learn_choice(m, h, c->shares, k, count);
    c->idle++;
    if (c->best == NONE ||
        ranking_before(&m->ranking, m->members[0], c->best)) {
        c->best = m->members[0];
        c->idle = 0;
    }
    if (m->restart != RESTART_NONE && run_is_over(m, c))
        restart(m, c);
}

/* Whether the next generation is there and ended to the last trial. */
static bool is_settled(const struct cmaes *m, const struct course *c)
{
    for (size_t i = c->next; i < c->next + c->population; i++)
        if (ranking_pending(&m->ranking, i))
            return false;
    return true;
}

static int reserve(struct cmaes *m, size_t count)
{
    if (count <= m->capacity)
        return 0;
    free(m->members);
    free(m->rows);
    m->members = calloc(2 * count, sizeof *m->members);
    m->rows = calloc(2 * count * (m->axis_count + 1), sizeof *m->rows);
    m->capacity = m->members && m->rows ? 2 * count : 0;
    return m->capacity ? 0 : -1;
}

/* Run the course to its end. With several objectives every trial's rank may
 * change at each result, so nothing is ever settled. */
static int catch_up(struct cmaes *m, const struct history *h)
{
    int64_t number;
    bool again = history_follow(&m->cursor, h) || h->objective_count > 1 ||
                 m->settled.population == 0;

    while ((number = history_next(&m->cursor, h)) >= 0)
        again = again || (size_t)number < m->settled.next;
    if (reserve(m, h->count) || ranking_update(&m->ranking, h)) {
        history_unfollow(&m->cursor);
        return -1;
    }
    if (again)
        begin(m, &m->settled);
    while (m->settled.next + m->settled.population <= h->count &&
           is_settled(m, &m->settled))
        advance(m, h, &m->settled);
    course_copy(m, &m->now, &m->settled);
    while (m->now.next + m->now.population <= h->count)
        advance(m, h, &m->now);
    return 0;
}

/* --- suggesting ---------------------------------------------------------- */

static bool in_cube(const struct cmaes *m)
{
    for (size_t a = 0; a < m->axis_count; a++) {
        const struct parameter *p = &m->space->parameters[m->axes[a]];
        if (isinf(parameter_count(p)) && (m->x[a] < 0 || m->x[a] > 1))
            return false;
    }
    return true;
}

static double draw_choice(const double *shares, size_t count, double u)
{
    for (size_t i = 0; i + 1 < count; i++) {
        if (u < shares[i])
            return (double)i;
        u -= shares[i];
    }
    return (double)count - 1;
}

static int cmaes_suggest(void *state, const struct history *h,
                         struct random *random, struct suggestion *s,
                         struct error *err)
{
    struct cmaes *m = state;

    if (catch_up(m, h))
        return error_memory(err);
    for (int i = 0; i < DRAWS && m->axis_count > 0; i++) {
        cma_sample(&m->now.cma, random, m->x);
        if (in_cube(m))
            break;
    }
    for (size_t a = 0; a < m->axis_count; a++)
        if (isnan(s->x[m->axes[a]]))
            s->x[m->axes[a]] = parameter_from_unit(
                &m->space->parameters[m->axes[a]], fmax(0, fmin(m->x[a], 1)));
    for (size_t k = 0; k < m->choice_count; k++) {
        size_t first = m->first_share[k];
        double u = random_uniform(random);
        if (isnan(s->x[m->choices[k]]))
            s->x[m->choices[k]] = draw_choice(m->now.shares + first,
                                              m->first_share[k + 1] - first, u);
    }
    return 0;
}

static void cmaes_describe(const void *state, struct text *out)
{
    const struct cmaes *m = state;

    static const char *const restarts[] = {
        [RESTART_IPOP] = ", twice as many at a restart",
        [RESTART_BIPOP] =
            ", at a restart twice as many or few in a small place",
        [RESTART_NONE] = "",
    };

    text_format(out, "generations of %lld from deviation %.3g%s%s",
                (long long)m->population, m->sigma,
                m->axis_count > FULL_MAX ? ", each axis by itself" : "",
                restarts[m->restart]);
}

const struct sampler sampler_cmaes = {
    .name = "cma-es",
    .create = cmaes_create,
    .seed = cmaes_seed,
    .suggest = cmaes_suggest,
    .describe = cmaes_describe,
    .destroy = cmaes_destroy,
};
