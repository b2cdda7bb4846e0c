#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H
/* Functions of glibc that its headers show only with _GNU_SOURCE, which Swift's view of them is built without. */
#include <spawn.h>

/* memfd_create(2) */
int memfd_create(const char *name, unsigned int flags);
static const unsigned int CLINUX_MFD_CLOEXEC = 1U;

/* posix_spawn_file_actions_addclosefrom_np(3), glibc 2.34 */
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
#endif
