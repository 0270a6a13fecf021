/* allocation: see allocation.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/slurm/allocation.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <math.h>
#include <netdb.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "launcher/slurm/scheduler.h"

#define CALL_TIMEOUT_S 60.0
#define KILL_WAIT_S    30 /* Slurm's default */

double allocation_time(const char *text)
{
    struct tm parts = { .tm_isdst = -1 };
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);

    return end && (*end == '\0' || *end == '\n') ? (double)mktime(&parts)
                                                 : INFINITY;
}

/* What 'words' print, a new string; "" when they fail. */
static char *ask(const char *const *words)
{
    struct scheduler_reply reply;
    char *said = NULL;

    if (scheduler_call(words, CALL_TIMEOUT_S, &reply, NULL) == 0 &&
        reply.status == 0)
        said = text_take(&reply.out);
    scheduler_clear(&reply);
    return said ? said : text_copy("");
}

static double read_end(const char *job)
{
    const char *words[] = { "squeue", "-h", "-j", job, "-o", "%e", NULL };
    char *said = ask(words);
    double end = said ? allocation_time(said) : INFINITY;

    free(said);
    return end;
}

/* ---- the node's address ----------------------------------------------- */

static void print_address(struct in_addr in, char *out, size_t size)
{
    if (!inet_ntop(AF_INET, &in, out, (socklen_t)size))
        snprintf(out, size, "127.0.0.1");
}

/* The first address of a network other than this machine alone. */
static bool find_interface(char *out, size_t size)
{
    struct ifaddrs *list = NULL;
    bool found = false;

    if (getifaddrs(&list) < 0)
        return false;
    for (struct ifaddrs *i = list; i && !found; i = i->ifa_next)
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET &&
            (i->ifa_flags & IFF_UP) && !(i->ifa_flags & IFF_LOOPBACK)) {
            struct sockaddr_in in;

            memcpy(&in, i->ifa_addr, sizeof in);
            print_address(in.sin_addr, out, size);
            found = true;
        }
    freeifaddrs(list);
    return found;
}

/* The address of host 'name'. One of 127.* for a name (as /etc/hosts often has
 * for the machine itself) means nothing to other nodes. */
static bool resolve(const char *name, char *out, size_t size)
{
    struct addrinfo hints = { .ai_family = AF_INET,
                              .ai_socktype = SOCK_STREAM };
    struct addrinfo *list = NULL;
    struct sockaddr_in in = { 0 };

    if (getaddrinfo(name, NULL, &hints, &list) != 0)
        return false;
    memcpy(&in, list->ai_addr, sizeof in);
    freeaddrinfo(list);
    print_address(in.sin_addr, out, size);
    return strncmp(out, "127.", 4) != 0;
}

void allocation_address(char *out, size_t size)
{
    const char *node = getenv("SLURMD_NODENAME"), *at;
    const char *words[] = { "scontrol", "show", "-o", "node", node, NULL };
    char *said = node ? ask(words) : NULL;
    char name[256] = "";
    struct in_addr in;

    if (said && (at = strstr(said, " NodeAddr=")))
        sscanf(at, " NodeAddr=%255s", name);
    free(said);
    if (inet_pton(AF_INET, name, &in) == 1) {
        print_address(in, out, size);
        return;
    }
    if (!*name)
        gethostname(name, sizeof name - 1);
    if (!resolve(name, out, size) && !find_interface(out, size))
        snprintf(out, size, "127.0.0.1");
}

/* ---- the job ---------------------------------------------------------- */

int allocation_read(struct allocation *a, struct error *err)
{
    const char *job = getenv("SLURM_JOB_ID");
    const char *array = getenv("SLURM_ARRAY_JOB_ID");
    const char *index = getenv("SLURM_ARRAY_TASK_ID");

    *a = (struct allocation){ .end = INFINITY };
    if (!job || !*job) {
        error_usage(err, "this is no Slurm job");
        return error_hint(err, "'sentei submit STUDY.yaml' makes one; 'sentei "
                               "run STUDY.yaml' needs none");
    }
    snprintf(a->job, sizeof a->job, "%s", job);
    if (array && index) {
        snprintf(a->array, sizeof a->array, "%s", array);
        snprintf(a->element, sizeof a->element, "%s_%s", array, index);
    } else {
        snprintf(a->element, sizeof a->element, "%s", job);
    }
    allocation_address(a->address, sizeof a->address);
    a->end = read_end(job);
    a->kill_wait_s =
        (double)scheduler_setting("KillWait", CALL_TIMEOUT_S, KILL_WAIT_S);
    return 0;
}

int allocation_requeue(const struct allocation *a, struct error *err)
{
    const char *words[] = { "scontrol", "requeue", a->element, NULL };
    struct scheduler_reply reply;
    int rc = scheduler_call(words, CALL_TIMEOUT_S, &reply, err);

    if (rc == 0 && reply.status != 0)
        rc = scheduler_error(words, &reply, err);
    scheduler_clear(&reply);
    return rc;
}

void allocation_cancel_pending(const struct allocation *a)
{
    const char *words[] = { "scancel", "--state=PENDING", a->array, NULL };

    if (*a->array)
        free(ask(words));
}
