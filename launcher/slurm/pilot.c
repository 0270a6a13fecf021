/* pilot: see pilot.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/slurm/pilot.h"

#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "launcher/local/crew.h"
#include "launcher/slurm/allocation.h"
#include "launcher/slurm/comeback.h"
#include "launcher/slurm/demand.h"
#include "launcher/slurm/queue.h"
#include "launcher/slurm/served.h"

#define TICK_S       1.0
#define CONTROLLER_S 60.0 /* for it to tell all other workers that it is over */
#define STEP_TOLD_S  60.0 /* Slurm stopped our steps: what comes of that? */
#define REST_S       2.0  /* between looks at whether it still matters */
#define KILLED_S     150.0 /* to wait for the SIGKILL that must come */
#define OTHERS_S     10.0  /* before we go, for all to be on their way back, */
#define COMING_S     60.0  /* and at most for them to come; */
#define TO_LEAVE_S   10.0  /* but this before our end */
#define TO_CLOSE_S   2.5   /* for the controller to end before SIGKILL */
enum { FOLDER_BYTES = 96 };

struct pilot {
    const struct pilot_options *o;
    struct study *study;
    struct demand demand;
    struct allocation job;
    double began, until; /* of the trials, by clock_wall(): from when, and when
                            they must checkpoint */
    double hasten_at;    /* when to ask for those going back to the queue */
    bool coming;         /* some were still on their way when last seen */
    struct crew crew;
    int signal_fd;
    bool warned;      /* the time limit is near */
    bool host;        /* our controller served the study when last seen */
    bool told;        /* SIGTERM: Slurm or the user ends the job, */
    double killed_at; /* with SIGKILL then, by clock_monotonic() */
    char until_word[32], defer_word[32], log_prefix[FOLDER_BYTES];
    const char *controller_words[8], *worker_words[8];
};

/* ---- beginning -------------------------------------------------------- */

static int catch_signals(struct pilot *p, struct error *err)
{
    static const int caught[] = { SIGUSR1, SIGTERM, SIGINT, SIGCHLD };
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
        sigaddset(&set, caught[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    p->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return p->signal_fd < 0 ? error_errno(err, "cannot make a signalfd") : 0;
}

static int open_study(struct pilot *p, struct error *err)
{
    char *path = file_join(p->o->run, "study.yaml");
    char *folder = file_join(p->o->run, "slurm");
    int rc = -1;

    if (!path || !folder)
        error_memory(err);
    else if ((p->study = study_read(path, err)))
        rc = file_make_folder(folder, err);
    free(folder);
    free(path);
    return rc;
}

/* What the controller and the workers are told beside the run. */
static void choose_words(struct pilot *p)
{
    const char *const controller[] = { "--standby", "--until-done",
                                       "--listen",  p->job.address,
                                       "--defer",   p->defer_word,
                                       NULL };
    const char *const worker[] = { "--job", p->job.element, "--until",
                                   p->until_word, NULL };

    snprintf(p->until_word, sizeof p->until_word, "%.0f",
             isinf(p->until) ? 0 : p->until);
    snprintf(p->defer_word, sizeof p->defer_word, "%gs", p->o->defer_s);
    snprintf(p->log_prefix, sizeof p->log_prefix, "slurm/%s.", p->job.element);
    memcpy(p->controller_words, controller, sizeof controller);
    memcpy(p->worker_words, worker, sizeof worker);
    p->crew.controller_words = p->controller_words;
    p->crew.worker_words = p->worker_words;
    p->crew.log_prefix = p->log_prefix;
}

/* What steps find in their environment where the user said nothing else: threads for
 * a rank's arithmetic; and how Slurm's PMIx has ranks wait for each other, since by
 * its tree some leave too early and Open MPI's crash in MPI_Init (docs/slurm.md). */
static void prepare_steps(const struct demand *d)
{
    char number[24];

    snprintf(number, sizeof number, "%" PRId64, d->cpus_per_task);
    setenv("OMP_NUM_THREADS", number, 0);
    setenv("SLURM_PMIX_FENCE", "ring", 0);
}

static int pilot_init(struct pilot *p, const struct pilot_options *o,
                      struct error *err)
{
    *p = (struct pilot){ .o = o, .signal_fd = -1 };
    if (catch_signals(p, err) < 0 || allocation_read(&p->job, err) < 0 ||
        open_study(p, err) < 0)
        return -1;
    comeback_forget(o->run, p->job.element);
    demand_read(&p->demand, p->study);
    p->began = clock_wall();
    p->until = p->job.end - p->demand.signal_s;
    prepare_steps(&p->demand);
    if (crew_init(&p->crew, o->run,
                  o->serve_only ? 0 : (size_t)p->demand.trials_at_once,
                  o->grace_s, err) < 0)
        return -1;
    choose_words(p);
    return 0;
}

static void pilot_clear(struct pilot *p)
{
    crew_clear(&p->crew);
    study_destroy(p->study);
    if (p->signal_fd >= 0)
        close(p->signal_fd);
}

/* ---- watching --------------------------------------------------------- */

/* The job is to end. */
static void note_told(struct pilot *p)
{
    if (!p->told)
        p->killed_at = clock_monotonic() + p->job.kill_wait_s;
    p->told = true;
}

/* Sleep until a signal or 'seconds' have passed; note what came. */
static void wait_for_signal(struct pilot *p, double seconds)
{
    struct pollfd fd = { p->signal_fd, POLLIN, 0 };
    struct signalfd_siginfo info;

    poll(&fd, 1, (int)ceil(seconds * 1e3));
    while (read(p->signal_fd, &info, sizeof info) == sizeof info) {
        p->warned = p->warned || info.ssi_signo == SIGUSR1;
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            note_told(p);
    }
    p->warned = p->warned || clock_wall() >= p->until;
}

/* Learn whether it is our controller that serves the study. Where nobody does
 * (it ends just before its last worker), what was so before stays. */
static void look_for_host(struct pilot *p)
{
    p->host = served_by(p->o->run, p->crew.controller.pid, p->host);
}

/* Once told: whether other elements, which may have been told as well, have yet to
 * hand trials back to our controller, and there is time. One that only stands by
 * is of no use any more: it would take over from the one that ends, and be killed. */
static bool is_needed(struct pilot *p)
{
    look_for_host(p);
    return p->host && clock_monotonic() < p->killed_at - TO_CLOSE_S &&
           served_running(p->o->run) != 0;
}

/* Beside the controller: let elements that went back into the queue start. */
static void hasten_others(struct pilot *p)
{
    if (p->host)
        p->coming = comeback_hasten(p->o->run, &p->hasten_at) > 0;
}

/* Until the last worker (where there are none, the controller) has ended:
 * because the study is done, or because they were told to. */
static int watch(struct pilot *p, struct error *err)
{
    bool stopped = false;

    while (crew_working(&p->crew) > 0) {
        wait_for_signal(p, fmin(TICK_S, crew_next(&p->crew)));
        if (!stopped && (p->warned || p->told)) {
            log_note("%s: trials checkpoint and are handed back",
                     p->told ? "the job is to end" : "the time limit is near");
            crew_stop_workers(&p->crew);
            if (p->o->serve_only && !p->told)
                crew_stop_controller(&p->crew);
            stopped = true;
        }
        if (p->told && !is_needed(p))
            crew_stop_controller(&p->crew);
        look_for_host(p);
        hasten_others(p);
        if (crew_reap(&p->crew, err) < 0)
            return -1;
    }
    p->crew.left = p->crew.left || stopped;
    return 0;
}

/* Wait for our controller to end by itself, at most so long or as it is needed;
 * then tell it. */
static void end_controller(struct pilot *p, double patience_s)
{
    double until = clock_monotonic() + patience_s;

    p->crew.leaving = true;
    while (p->crew.controller.pid > 0) {
        if (p->told ? !is_needed(p) : clock_monotonic() >= until)
            crew_stop_controller(&p->crew);
        wait_for_signal(p, 0.1);
        crew_reap(&p->crew, NULL);
    }
}

/* ---- ending ----------------------------------------------------------- */

/* Until those that are on their way back into the queue are in it. */
static void await_comebacks(struct pilot *p)
{
    double until = clock_monotonic() + COMING_S;

    while (comeback_hasten(p->o->run, &p->hasten_at) > 0 && !p->told &&
           clock_monotonic() < until)
        wait_for_signal(p, TICK_S);
}

/* The study is done: what waits in the queue is not needed any more. */
static int finish(struct pilot *p)
{
    comeback_forget(p->o->run, p->job.element);
    end_controller(p, p->host ? CONTROLLER_S : 0);
    if (p->host || p->crew.served) {
        await_comebacks(p);
        allocation_cancel_pending(&p->job);
        queue_cancel_pending(p->o->run);
    }
    return 0;
}

/* A script that ends before Slurm ends the job counts as completed, and is not
 * put back into the queue. */
static void wait_for_the_end(struct pilot *p)
{
    double until = clock_monotonic() + KILLED_S;

    while (clock_monotonic() < until)
        wait_for_signal(p, TICK_S);
}

/* Beside the controller: elements whose time is up when ours is are seen to
 * before we go. */
static void wait_for_others(struct pilot *p)
{
    double began = clock_wall(), now = began;

    while (p->host && p->crew.controller.pid > 0 && p->demand.requeue &&
           !p->told && now < p->job.end - TO_LEAVE_S &&
           now - began < (p->coming ? COMING_S : OTHERS_S)) {
        wait_for_signal(p, TICK_S);
        hasten_others(p);
        crew_reap(&p->crew, NULL);
        now = clock_wall();
    }
}

static int go_back(struct pilot *p, struct error *err)
{
    if (!p->demand.requeue) {
        log_note("the allocation ends here; 'sentei submit' adds another");
        return 0;
    }
    /* Whoever ends the study meanwhile looks for the note, or we see it here. */
    comeback_note(p->o->run, p->job.element);
    if (served_is_over(p->o->run))
        return finish(p);
    if (allocation_requeue(&p->job, err) < 0) {
        comeback_forget(p->o->run, p->job.element);
        return error_hint(err, "'sentei submit' adds workers again");
    }
    log_note("back into the queue");
    wait_for_the_end(p);
    return 0;
}

/* Slurm has stopped our steps and not told us. Being preempted, we hear of it
 * when the grace time is over. Returns whether that is so. There is nothing to
 * wait for once the others have ended the study. */
static bool is_preempted(struct pilot *p)
{
    double until = clock_monotonic() + STEP_TOLD_S;

    log_note("a step was told to stop: waiting for what becomes of the job");
    while (!p->told && !p->warned && clock_monotonic() < until &&
           !served_is_over(p->o->run)) {
        wait_for_signal(p, REST_S);
        crew_reap(&p->crew, NULL);
    }
    return p->told;
}

/* Whether so little time is left that the workers went by themselves. */
static bool time_is_up(const struct pilot *p)
{
    return p->warned || p->until - clock_wall() < 0.1 * (p->until - p->began);
}

/* From starting the workers to what comes after them. Returns 1 to do it
 * again. */
static int serve(struct pilot *p, struct error *err)
{
    bool preempted;

    p->crew.left = p->crew.leaving = false;
    if (crew_start_workers(&p->crew, err) < 0 || watch(p, err) < 0)
        return -1;
    if (!p->crew.left || served_is_over(p->o->run))
        return finish(p);
    preempted = !p->told && !time_is_up(p) && is_preempted(p);
    if (!p->told && !time_is_up(p))
        return 1;
    if (preempted)
        comeback_note(p->o->run, p->job.element);
    wait_for_others(p);
    end_controller(p, 0);
    if (!p->told)
        return go_back(p, err);
    wait_for_the_end(p);
    return 0;
}

int pilot_run(const struct pilot_options *o, struct error *err)
{
    struct pilot p;
    int rc = pilot_init(&p, o, err);

    if (rc == 0)
        rc = crew_start_controller(&p.crew, err);
    if (rc == 0)
        do
            rc = serve(&p, err);
        while (rc > 0);
    pilot_clear(&p);
    return rc;
}
