#include "csamples.h"

static const sample_file files[] = {
  {"", 0, 0},
};

const sample_file *sample_files(void) { return files; }
size_t sample_file_count(void) { return 0; }
