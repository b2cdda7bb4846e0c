#ifndef CGITOFFLINE_H
#define CGITOFFLINE_H
#include <stddef.h>

/* In place of libssh2's: see offline.c. Declared so that a test can ask which of the two this program has. */
int libssh2_init(int flags);

#endif
