/* All native kernels, one shared object. */
#include "engines/linear.c"
#include "forest/forest.c"
#include "engines/scan.c"
#include "engines/express.c"

int32_t trimtab_kernels_version(void) { return 5; }
