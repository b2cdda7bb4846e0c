#ifndef CGPGME_SHIM_H
#define CGPGME_SHIM_H
#include <gpgme.h>
#endif
