#ifndef CBZ2_SHIM_H
#define CBZ2_SHIM_H
#include <bzlib.h>
#endif
