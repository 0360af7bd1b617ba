#ifndef CSAMPLES_H
#define CSAMPLES_H
#include <stddef.h>

/// A file of `Workspaces/` or `Themes/`, embedded.
typedef struct {
  /// Relative to the top of the project: "Themes/dark.theme".
  const char *path;
  const unsigned char *bytes;
  size_t byte_count;
} sample_file;

/// Every embedded file, sorted by path.
const sample_file *sample_files(void);
size_t sample_file_count(void);

#endif
