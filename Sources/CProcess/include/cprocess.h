#ifndef CPROCESS_H
#define CPROCESS_H
#include <stddef.h>
#include <stdint.h>

// A program run to its end in a process group of its own, within limits. Any thread may call it; it blocks.

typedef struct {
  /// What is executed: absolute, or relative to `folder`; no shell and no search.
  const char *path;
  /// Ends with NULL.
  char *const *arguments;
  /// The whole environment, "NAME=value"; ends with NULL.
  char *const *environment;
  /// Where it starts.
  const char *folder;
  /// Its standard input.
  const uint8_t *input;
  size_t input_count;
  /// Bytes of standard output, at most; one more ends the group.
  size_t output_limit;
  /// Bytes of standard error that are kept; the rest is read and dropped.
  size_t error_limit;
  int64_t time_limit_ms;
  /// When this descriptor becomes readable or is closed at the other end, the group is ended; -1 for none.
  int cancel;
} process_request;

typedef enum {
  /// `code` is the exit status.
  PROCESS_EXITED,
  /// `code` is the signal.
  PROCESS_SIGNALLED,
  PROCESS_OUT_OF_TIME,
  PROCESS_TOO_MUCH_OUTPUT,
  PROCESS_CANCELLED,
  /// `code` is an errno.
  PROCESS_NOT_STARTED,
} process_ending;

typedef struct {
  process_ending ending;
  int code;
  uint8_t *output;
  size_t output_count;
  uint8_t *error;
  size_t error_count;
} process_outcome;

/// Runs it and waits. When the program ends, whatever is left of its group is killed (SIGKILL); a process that has made
/// a group of its own is not. The outcome's bytes are freed by process_release.
process_outcome process_run(const process_request *request);
void process_release(process_outcome *outcome);

/// A pipe for `cancel`: the first end is read, a byte written to the second ends the group. Returns 0 or an errno.
int process_pipe(int ends[2]);

#endif
