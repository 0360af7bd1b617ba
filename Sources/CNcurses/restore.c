#include "terminal.h"
#include "cncurses.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

// Signals, and giving the terminal back whatever happens. Handlers use async-signal-safe calls only (signal-safety(7)).

int term_in = STDIN_FILENO, term_out = STDOUT_FILENO;
struct termios term_shell_modes;

static char restore[512];
static size_t restore_count;
static volatile sig_atomic_t armed;
static int signal_pipe[2] = {-1, -1};

void term_set_restore(const char *bytes, size_t count) {
  restore_count = count < sizeof restore ? count : sizeof restore;
  memcpy(restore, bytes, restore_count);
}

void term_arm(bool on) { armed = on; }

void term_emergency_restore(void) {
  if (armed) {
    armed = 0;
    (void)!write(term_out, restore, restore_count);
    tcsetattr(term_in, TCSANOW, &term_shell_modes);
  }
  term_release_stderr();
}

// MARK: - Standard error

// Held back in memory: on the screen it would be overwritten and overwrite. A trap's message comes this way.
static int held = -1, real_stderr = -1;

void term_hold_stderr(void) {
  if (held >= 0 || !isatty(STDERR_FILENO)) return;
  held = memfd_create("stderr", MFD_CLOEXEC);
  real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
  if (held < 0 || real_stderr < 0) {
    if (held >= 0) close(held);
    if (real_stderr >= 0) close(real_stderr);
    held = real_stderr = -1;
    return;
  }
  fcntl(held, F_SETFL, O_APPEND);
  dup2(held, STDERR_FILENO);
}

void term_pause_stderr(bool paused) {
  if (held >= 0) dup2(paused ? real_stderr : held, STDERR_FILENO);
}

void term_release_stderr(void) {
  if (held < 0) return;
  int from = held, to = real_stderr;
  held = real_stderr = -1;
  dup2(to, STDERR_FILENO);
  // The last of it, should something have filled it.
  enum { LIMIT = 64 << 10 };
  off_t end = lseek(from, 0, SEEK_END), at = end > LIMIT ? end - LIMIT : 0;
  char block[4096];
  for (ssize_t count; (count = pread(from, block, sizeof block, at)) > 0; at += count) {
    if (write(STDERR_FILENO, block, (size_t)count) < 0) break;
  }
  close(from);
  close(to);
}

// MARK: - Signals

static void limit_time_expired(int signal) {
  (void)signal;
  tcflush(term_out, TCOFLUSH);
  fcntl(term_out, F_SETFL, fcntl(term_out, F_GETFL) | O_NONBLOCK);
  term_emergency_restore();
  _exit(128 + SIGTERM);
}

void term_limit_time(bool on) { alarm(on ? 2 : 0); }

/// To the pipe that the loop waits for.
static void note(int signal) {
  int error = errno;
  unsigned char byte = (unsigned char)signal;
  (void)!write(signal_pipe[1], &byte, 1);
  // The loop may be stuck in a write to a terminal that takes nothing.
  if (signal == SIGTERM || signal == SIGHUP || signal == SIGINT) term_limit_time(true);
  errno = error;
}

static const int noted[] = {SIGWINCH, SIGTERM, SIGINT, SIGHUP, SIGCONT, SIGTSTP, SIGUSR1};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGQUIT, SIGSYS};
static struct sigaction previous[65];
static bool installed;

/// Restores the terminal, then does what would have been done: Swift's backtrace if it is on, the default action otherwise.
static void crash(int signal, siginfo_t *info, void *context) {
  term_emergency_restore();
  const struct sigaction *before = &previous[signal];
  if (before->sa_flags & SA_SIGINFO) {
    if (before->sa_sigaction) before->sa_sigaction(signal, info, context);
  } else if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN) {
    before->sa_handler(signal);
  }
  term_reraise(signal);
}

static void install(int signal, struct sigaction *action) { sigaction(signal, action, &previous[signal]); }

void term_install_handlers(void) {
  if (installed) return;
  installed = true;
  if (signal_pipe[0] < 0 && pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0) signal_pipe[0] = signal_pipe[1] = -1;

  // For a stack overflow, unless Swift's runtime has set one.
  static char alternate[64 << 10];
  stack_t now;
  if (sigaltstack(NULL, &now) == 0 && now.ss_flags & SS_DISABLE) {
    sigaltstack(&(stack_t){.ss_sp = alternate, .ss_size = sizeof alternate}, NULL);
  }

  struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  for (size_t i = 0; i < sizeof noted / sizeof *noted; i++) install(noted[i], &action);
  struct sigaction expired = {.sa_handler = limit_time_expired};
  sigfillset(&expired.sa_mask);
  install(SIGALRM, &expired);
  struct sigaction ignored = {.sa_handler = SIG_IGN};
  install(SIGPIPE, &ignored);
  struct sigaction crashing = {.sa_sigaction = crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  sigemptyset(&crashing.sa_mask);
  for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) install(fatal[i], &crashing);
}

void term_remove_handlers(void) {
  if (!installed) return;
  installed = false;
  for (size_t i = 0; i < sizeof noted / sizeof *noted; i++) sigaction(noted[i], &previous[noted[i]], NULL);
  for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) sigaction(fatal[i], &previous[fatal[i]], NULL);
  sigaction(SIGALRM, &previous[SIGALRM], NULL);
  sigaction(SIGPIPE, &previous[SIGPIPE], NULL);
}

void term_reraise(int number) {
  signal(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  raise(number);
}

int term_next_signal(void) {
  unsigned char byte;
  if (signal_pipe[0] < 0 || read(signal_pipe[0], &byte, 1) != 1) return 0;
  // The loop is not stuck, and what it saves may take its time; term_stop sets the limit again.
  term_limit_time(false);
  return byte;
}

// MARK: - Waiting

unsigned term_wait(int waker, int64_t nanoseconds, bool output) {
  struct pollfd set[] = {
      {term_in, POLLIN, 0}, {signal_pipe[0], POLLIN, 0}, {waker, POLLIN, 0}, {term_out, POLLOUT, 0}};
  struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  nfds_t count = output ? 4 : 3;
  int ready = ppoll(set, count, nanoseconds < 0 ? NULL : &time, NULL);
  // A handler ran: what it wrote is there now.
  if (ready < 0 && errno == EINTR) ready = poll(set, count, 0);
  if (ready <= 0) return 0;
  return (set[0].revents & POLLIN ? TERM_INPUT : 0) | (set[1].revents ? TERM_SIGNAL : 0) |
         (set[2].revents ? TERM_WAKER : 0) | (output && set[3].revents ? TERM_OUTPUT : 0) |
         (set[0].revents & (POLLHUP | POLLERR | POLLNVAL) ? TERM_HANGUP : 0);
}

ptrdiff_t term_read(uint8_t *bytes, size_t capacity) {
  ssize_t count = read(term_in, bytes, capacity);
  return count < 0 && (errno == EINTR || errno == EAGAIN) ? 0 : count;
}

bool term_is_writable(void) {
  struct pollfd set = {term_out, POLLOUT, 0};
  return poll(&set, 1, 0) != 0;
}

void term_write(const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(term_out, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      poll(&(struct pollfd){term_out, POLLOUT, 0}, 1, -1);
      continue;
    }
    if (written < 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}
