/* SPDX-License-Identifier: MIT
 *
 * The birth and the death of a child process.  A child inherits nothing but
 * its stdin, stdout and stderr, dies with the judge, and leaves no descendant
 * behind, whatever session or process group they moved to.
 */
#ifndef DC_CHILD_H
#define DC_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

enum { DC_CHILD_MOST = 1024 /* children that may live at a time */ };

/* Prepares the process for being a judge: orphaned descendants of its children
 * become its own children, which dc_child_end kills; SIGCHLD gets its default
 * disposition; a write to a closed pipe is an error instead of SIGPIPE; and
 * processes of the same user can neither trace it nor read its memory.
 * A process that has children already does not adopt orphans, nor does process
 * 1 of a container, to whom those of others come too: it could not tell them
 * apart.  Then, and without this call, only the process group of a child is
 * killed at its end. */
void dc_child_adopt(void);

/* Starts argv (argv[0] is a path) in a session of its own, with fd[i] as its
 * descriptor i; each is greater than 2.  The kernel kills the child when the
 * calling thread ends, so that this thread must outlive it.  Returns 0 and
 * *pid, or an error number. */
int dc_child_start(pid_t *pid, char *const argv[], const int fd[3]);

/* Has it ended?  It stays a zombie, so that its number is not reused. */
bool dc_child_ended(pid_t pid);

/* Kills it, its process group and all orphans, and reaps them.  *status is as
 * that of waitpid, or 0 if the child could not be reaped within a few seconds,
 * which is false. */
bool dc_child_end(pid_t pid, int *status);

#endif
