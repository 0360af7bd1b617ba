#ifndef CMETASCHEMAS_H
#define CMETASCHEMAS_H
#include <stddef.h>

/// A metaschema of JSON Schema, embedded.
typedef struct {
  /// Without a fragment.
  const char *uri;
  const unsigned char *bytes;
  size_t byte_count;
} metaschema_file;

const metaschema_file *metaschema_files(void);
size_t metaschema_file_count(void);

#endif
