/* SPDX-License-Identifier: MIT
 *
 * Children start by vfork, because posix_spawn cannot tie a child's life to
 * ours.  Each child is a subreaper: while it lives, its orphaned descendants
 * are its own children.  When it dies they become ours, so that a child of ours
 * that nobody here started was left behind by one that is dead.
 */
#include "oracle/subject/child.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle/base/clock.h"

extern char **environ;

/* Longest wait for the death of a process that was sent SIGKILL.  One that
 * hangs in a driver of the kernel may outlast it. */
static const double DEATH = 5;

/* Rounds of killing orphans: each may bring forth their own children. */
enum { ROUNDS = 50 };

/* The children of a process are state of the whole process, and so is the list
 * of those that somebody here started and will reap. */
static struct {
    pthread_mutex_t lock;
    bool adopts; /* orphans become our children */
    pid_t started[DC_CHILD_MOST];
    int count;
} children = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ==== The judge ========================================================== */

/* A write to a process that has died must be an error, not a signal. */
static void ignore_sigpipe(void)
{
    struct sigaction now;

    if (!sigaction(SIGPIPE, NULL, &now) && now.sa_handler == SIG_DFL) {
        now.sa_handler = SIG_IGN;
        sigaction(SIGPIPE, &now, NULL);
    }
}

void dc_child_adopt(void)
{
    siginfo_t info;

    signal(SIGCHLD, SIG_DFL);
    ignore_sigpipe();
    prctl(PR_SET_DUMPABLE, 0);
    children.adopts = getpid() != 1 &&
                      waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) &&
                      errno == ECHILD && !prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* ==== Start ============================================================== */

typedef struct {
    char *const *argv;
    const int *fd;
    pid_t judge;
    volatile int failed; /* error number */
} birth;

/* Closes the descriptors above stderr. */
static void close_others(void)
{
    long most;

#ifdef SYS_close_range
    if (!syscall(SYS_close_range, 3U, ~0U, 0U))
        return;
#endif
    most = sysconf(_SC_OPEN_MAX); /* LCOV_EXCL_LINE: kernels before 5.9 */
    for (long d = 3; d < most; d++)
        close((int)d); /* LCOV_EXCL_LINE: as above */
}

/* The child's part.  It runs in the judge's memory, therefore it calls nothing
 * but system calls. */
static void become(birth *b)
{
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != b->judge) /* it died before the line above */
        _exit(127);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    setsid();
    /* what the judge ignores or handles is none of the child's business */
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    for (int i = 0; i < 3; i++)
        if (dup2(b->fd[i], i) < 0) {
            b->failed = errno;
            _exit(127);
        }
    close_others();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(b->argv[0], b->argv, environ);
    b->failed = errno;
    _exit(127);
}

/* Returns 0 or an error number.  Signals are blocked meanwhile: a handler must
 * not run in the child, which shares our memory. */
static int give_birth(pid_t *pid, birth *b)
{
    sigset_t all;
    sigset_t old;
    pid_t born;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    born = vfork();
    if (born == 0)
        become(b);
    failed = born < 0 ? errno : b->failed;
    if (born > 0 && failed)
        waitpid(born, NULL, 0);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    *pid = born;
    return failed;
}

int dc_child_start(pid_t *pid, char *const argv[], const int fd[3])
{
    birth b = {.argv = argv, .fd = fd, .judge = getpid()};
    int failed = EAGAIN;

    ignore_sigpipe();
    pthread_mutex_lock(&children.lock);
    if (children.count < DC_CHILD_MOST)
        failed = give_birth(pid, &b);
    if (!failed)
        children.started[children.count++] = *pid;
    pthread_mutex_unlock(&children.lock);
    return failed;
}

/* ==== Orphans ============================================================ */

/* Under the lock. */
static bool is_started(pid_t pid)
{
    for (int i = 0; i < children.count; i++)
        if (children.started[i] == pid)
            return true;
    return false;
}

/* The parent of a process, or -1 if it is gone. */
static pid_t parent_of(pid_t pid)
{
    char text[512];
    const char *after;
    FILE *from;
    size_t n;
    int parent;

    snprintf(text, sizeof text, "/proc/%d/stat", (int)pid);
    from = fopen(text, "re");
    if (!from)
        return -1;
    n = fread(text, 1, sizeof text - 1, from);
    fclose(from);
    text[n] = 0;
    /* "NUMBER (NAME) STATE PARENT": the name may hold anything */
    after = strrchr(text, ')');
    return after && sscanf(after, ") %*c %d", &parent) == 1 ? (pid_t)parent
                                                            : -1;
}

/* Kills and reaps our children that nobody here started.  Returns whether
 * there was one. */
static bool kill_round(void)
{
    const pid_t self = getpid();
    DIR *all = opendir("/proc");
    const struct dirent *entry;
    bool found = false;

    if (!all)
        return false;
    while ((entry = readdir(all))) {
        const pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid > 0 && parent_of(pid) == self && !is_started(pid)) {
            found = true;
            kill(pid, SIGKILL);
            waitpid(pid, NULL, WNOHANG);
        }
    }
    closedir(all);
    return found;
}

static void kill_orphans(void)
{
    siginfo_t info;
    bool found = children.adopts;

    for (int i = 0; i < ROUNDS && found; i++) {
        pthread_mutex_lock(&children.lock);
        /* without any child there is nothing to search for */
        found = (!waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) ||
                 errno != ECHILD) &&
                kill_round();
        pthread_mutex_unlock(&children.lock);
        if (found)
            poll(NULL, 0, 1);
    }
}

/* ==== End ================================================================ */

bool dc_child_ended(pid_t pid)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) ||
           info.si_pid == pid;
}

static void forget(pid_t pid)
{
    pthread_mutex_lock(&children.lock);
    for (int i = 0; i < children.count; i++)
        if (children.started[i] == pid) {
            children.started[i] = children.started[--children.count];
            break;
        }
    pthread_mutex_unlock(&children.lock);
}

bool dc_child_end(pid_t pid, int *status)
{
    const double until = dc_clock_now() + DEATH;
    pid_t reaped = 0;

    *status = 0;
    for (int turn = 0; reaped == 0; turn++) {
        /* The process itself too: it may have left its group. */
        kill(-pid, SIGKILL);
        kill(pid, SIGKILL);
        reaped = waitpid(pid, status, WNOHANG);
        if (reaped < 0 && errno == EINTR)
            reaped = 0;
        if (reaped == 0 && dc_clock_now() > until)
            break;
        if (reaped == 0)
            poll(NULL, 0, 1);
        /* its death is kept from us while a child of its own traces it */
        if (turn == 100)
            kill_orphans();
    }
    forget(pid);
    kill_orphans();
    return reaped == pid;
}
