import Glibc

/// Runs a program to its end with its streams in files.
///
/// Foundation's Process waits until every copy of a socket is closed that the program's own children inherit, so it never
/// returns from a program that leaves a server behind, as tmux does.
/// - Returns: the exit status, or 128 and the signal that ended it.
func spawn(
  _ path: String, _ arguments: [String], environment: [String: String], folder: String, stdin: String = "/dev/null",
  stdout: String = "/dev/null", stderr: String = "/dev/null"
) throws -> Int32 {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, stdin, O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, stdout, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, stderr, O_WRONLY | O_CREAT | O_TRUNC, 0o644)

  // The threads that tests run on block signals, and so would every program that is started from here: a tmux server would
  // never get the SIGTERM that kill-server sends.
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  var (all, none) = (sigset_t(), sigset_t())
  sigfillset(&all)
  sigemptyset(&none)
  posix_spawnattr_setsigdefault(&attributes, &all)
  posix_spawnattr_setsigmask(&attributes, &none)
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

  // The shell only changes the folder; spawn's own way of doing that is not in the Glibc module.
  let words = (["sh", "-c", "cd \"$0\" && exec \"$@\"", folder, path] + arguments).map { strdup($0) } + [nil]
  let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
  defer { for text in words + variables { free(text) } }
  var child = pid_t()
  let error = posix_spawn(&child, "/bin/sh", &actions, &attributes, words, variables)
  guard error == 0 else { throw SpawnError(description: "\(path): \(String(cString: strerror(error)))") }
  var status: Int32 = 0
  while waitpid(child, &status, 0) < 0 && errno == EINTR {}
  return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
}

struct SpawnError: Error, CustomStringConvertible {
  let description: String
}
