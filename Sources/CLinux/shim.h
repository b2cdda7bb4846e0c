#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H
/* Functions of glibc that its headers show only with _GNU_SOURCE, which Swift's view of them is built without. */
#include <spawn.h>
#include <sys/resource.h>
#include <sys/types.h>

/* memfd_create(2) */
int memfd_create(const char *name, unsigned int flags);
static const unsigned int CLINUX_MFD_CLOEXEC = 1U;

/* posix_spawn_file_actions_addclosefrom_np(3), glibc 2.34 */
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

/* prlimit(2) */
int prlimit(pid_t process, int resource, const struct rlimit *new_limit, struct rlimit *old_limit);
static const int CLINUX_RLIMIT_CPU = RLIMIT_CPU;
static const int CLINUX_RLIMIT_DATA = RLIMIT_DATA;
static const int CLINUX_RLIMIT_FSIZE = RLIMIT_FSIZE;
#endif
