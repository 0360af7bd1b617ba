#include "cncurses.h"
#include "terminal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void term_stop_process(void) {
  struct sigaction caught, ignored = {.sa_handler = SIG_IGN}, standard = {.sa_handler = SIG_DFL};
  // The others of the group, as the terminal's driver would. Sent to this process so, it might be taken by another
  // thread, and only after the handler is back.
  sigaction(SIGTSTP, &ignored, &caught);
  kill(0, SIGTSTP);
  // To this thread: it takes the signal, and all threads stop, before raise returns. The threads of a pool, of which it
  // may be one, block signals.
  sigset_t own, blocked;
  sigemptyset(&own);
  sigaddset(&own, SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &own, &blocked);
  sigaction(SIGTSTP, &standard, NULL);
  raise(SIGTSTP);
  sigaction(SIGTSTP, &caught, NULL);
  pthread_sigmask(SIG_SETMASK, &blocked, NULL);
}

int term_run(const char *command, const char *path) {
  // The command may hold arguments ("code --wait"), so a shell takes it apart; the path it only passes on.
  size_t capacity = strlen(command) + sizeof "exec  \"$1\"";
  char *line = malloc(capacity);
  if (!line) return -1;
  snprintf(line, capacity, "exec %s \"$1\"", command);
  char *arguments[] = {"sh", "-c", line, "sh", (char *)path, NULL};

  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, term_in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, term_out, STDOUT_FILENO);

  // As system(3) does; and Ctrl-Z in the editor has to stop this process too, or the shell never gets the terminal.
  struct sigaction interrupt, quit, stop;
  struct sigaction ignored = {.sa_handler = SIG_IGN}, standard = {.sa_handler = SIG_DFL};
  sigaction(SIGINT, &ignored, &interrupt);
  sigaction(SIGQUIT, &ignored, &quit);
  sigaction(SIGTSTP, &standard, &stop);

  pid_t child;
  int status = -1, result = -1;
  int error = posix_spawn(&child, "/bin/sh", &files, &attributes, arguments, environ);
  if (error == 0) {
    pid_t waited;
    while ((waited = waitpid(child, &status, 0)) < 0 && errno == EINTR) {}
    error = waited < 0 ? errno : 0;
    if (waited == child) result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  sigaction(SIGINT, &interrupt, NULL);
  sigaction(SIGQUIT, &quit, NULL);
  sigaction(SIGTSTP, &stop, NULL);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  free(line);
  errno = error;
  return result;
}
