#ifndef CGITOFFLINE_H
#define CGITOFFLINE_H
#endif
