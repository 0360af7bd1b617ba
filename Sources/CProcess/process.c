#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "cprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void close_if_open(int *descriptor) {
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
}

/// Neither end is one of the standard streams, which the child's are put over.
int process_pipe(int ends[2]) {
  int pair[2];
  if (pipe2(pair, O_CLOEXEC) != 0) return errno;
  int error = 0;
  for (int i = 0; i < 2; i++) {
    ends[i] = fcntl(pair[i], F_DUPFD_CLOEXEC, 3);
    if (ends[i] < 0) error = errno;
    close(pair[i]);
  }
  return error;
}

typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
} buffer;

/// False when there is no memory.
static bool append(buffer *to, const uint8_t *bytes, size_t count) {
  if (to->count + count > to->capacity) {
    size_t capacity = to->capacity * 2 > to->count + count ? to->capacity * 2 : to->count + count;
    uint8_t *grown = realloc(to->bytes, capacity);
    if (!grown) return false;
    to->bytes = grown;
    to->capacity = capacity;
  }
  memcpy(to->bytes + to->count, bytes, count);
  to->count += count;
  return true;
}

/// Reads what is there. Closes the descriptor at its end. False when `limit` is passed (or there is no memory); a limit
/// that `drops` keeps the first bytes and never fails.
static bool take(int *descriptor, buffer *to, size_t limit, bool drops) {
  uint8_t chunk[16384];
  for (;;) {
    ssize_t count = read(*descriptor, chunk, sizeof chunk);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
    if (count <= 0) {
      close_if_open(descriptor);
      return true;
    }
    size_t room = limit - to->count;
    bool fits = (size_t)count <= room;
    if (!append(to, chunk, fits ? (size_t)count : room)) return drops;
    if (!fits && !drops) return false;
  }
}

static int start(const process_request *request, const int in[2], const int out[2], const int err[2], pid_t *child) {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(
    &attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err[1], STDERR_FILENO);
  // Nothing that is open here is open there, however it was opened.
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  posix_spawn_file_actions_addchdir_np(&files, request->folder);
  int error = posix_spawn(child, request->path, &files, &attributes, request->arguments, request->environment);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return error;
}

process_outcome process_run(const process_request *request) {
  process_outcome outcome = {.ending = PROCESS_NOT_STARTED};
  int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
  pid_t child = 0;
  outcome.code = process_pipe(in);
  if (!outcome.code) outcome.code = process_pipe(out);
  if (!outcome.code) outcome.code = process_pipe(err);
  if (!outcome.code) outcome.code = start(request, in, out, err, &child);
  close_if_open(&in[0]);
  close_if_open(&out[1]);
  close_if_open(&err[1]);
  if (outcome.code) {
    close_if_open(&in[1]);
    close_if_open(&out[0]);
    close_if_open(&err[0]);
    return outcome;
  }
  for (int *end[] = {&in[1], &out[0], &err[0], NULL}, **each = end; *each; each++) {
    fcntl(**each, F_SETFL, fcntl(**each, F_GETFL) | O_NONBLOCK);
  }

  // A program need not read what it is given; the signal of that is this thread's alone, and is taken back below.
  sigset_t pipe_signal, before, pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  sigpending(&pending);
  bool was_pending = sigismember(&pending, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);

  buffer output = {0}, error = {0};
  size_t written = 0;
  int64_t deadline = now_ms() + request->time_limit_ms;
  int64_t drain_until = 0;
  bool is_over = false;
  outcome.ending = PROCESS_EXITED;
  while (!is_over) {
    if (in[1] >= 0 && written == request->input_count) close_if_open(&in[1]);
    struct pollfd polled[4] = {
      {.fd = out[0], .events = POLLIN},
      {.fd = err[0], .events = POLLIN},
      {.fd = in[1], .events = POLLOUT},
      {.fd = drain_until ? -1 : request->cancel, .events = POLLIN},
    };
    // Between two looks at whether the program has ended.
    poll(polled, 4, 10);
    if (polled[2].revents) {
      ssize_t count = write(in[1], request->input + written, request->input_count - written);
      if (count > 0) written += (size_t)count;
      if (count < 0 && errno != EAGAIN && errno != EINTR) close_if_open(&in[1]);
    }
    if (polled[0].revents && !take(&out[0], &output, request->output_limit, false)) {
      outcome.ending = PROCESS_TOO_MUCH_OUTPUT;
      is_over = true;
    }
    if (polled[1].revents) take(&err[0], &error, request->error_limit, true);
    int64_t time = now_ms();
    if (drain_until) {
      // What the others of the group wrote before they were killed; one that left the group may hold the pipe for ever.
      if ((out[0] < 0 && err[0] < 0) || time >= drain_until) is_over = true;
      continue;
    }
    if (polled[3].revents) {
      outcome.ending = PROCESS_CANCELLED;
      is_over = true;
    } else if (time >= deadline && outcome.ending == PROCESS_EXITED) {
      outcome.ending = PROCESS_OUT_OF_TIME;
      is_over = true;
    }
    // Left unreaped, the program keeps its number, so that the group that is killed is its own.
    siginfo_t status = {0};
    if (!is_over && waitid(P_PID, (id_t)child, &status, WEXITED | WNOHANG | WNOWAIT) == 0 && status.si_pid == child) {
      kill(-child, SIGKILL);
      drain_until = time + 200;
    }
  }
  kill(-child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  if (outcome.ending == PROCESS_EXITED) {
    bool has_exited = WIFEXITED(status);
    outcome.ending = has_exited ? PROCESS_EXITED : PROCESS_SIGNALLED;
    outcome.code = has_exited ? WEXITSTATUS(status) : WTERMSIG(status);
  }
  close_if_open(&in[1]);
  close_if_open(&out[0]);
  close_if_open(&err[0]);
  struct timespec at_once = {0};
  if (!was_pending) {
    while (sigtimedwait(&pipe_signal, NULL, &at_once) < 0 && errno == EINTR) {}
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  outcome.output = output.bytes;
  outcome.output_count = output.count;
  outcome.error = error.bytes;
  outcome.error_count = error.count;
  return outcome;
}

void process_release(process_outcome *outcome) {
  free(outcome->output);
  free(outcome->error);
  outcome->output = outcome->error = NULL;
  outcome->output_count = outcome->error_count = 0;
}
